"""The means stay in it."""
# expect: misconception means not taken away
# %% correlation_solution
def correlation(patch, kernel):
    x, k = patch.astype(float), kernel.astype(float)
    return np.sum(x * k) / np.linalg.norm(x) / np.linalg.norm(k)
