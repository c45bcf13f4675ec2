"""Only the kernel loses its mean."""
# expect: misconception one mean only
# %% correlation_solution
def correlation(patch, kernel):
    x, k = patch.astype(float), kernel - kernel.mean()
    size = np.sqrt((x**2).sum() * (k**2).sum())
    return (x * k).sum() / size if size else 0.0
