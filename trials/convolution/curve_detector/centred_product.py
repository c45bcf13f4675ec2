"""Centred, but never divided."""
# expect: misconception covariance
# %% correlation_solution
def correlation(patch, kernel):
    return ((patch - patch.mean()) * (kernel - kernel.mean())).sum()
