"""The minus sign is forgotten."""
# expect: misconception sign
# %% cross_entropy_solution
def cross_entropy(p, y):
    return np.mean(np.log(np.sum(p * y, axis=1)))
