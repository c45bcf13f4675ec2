"""The covariance, as np.cov gives it but for one."""
# expect: misconception covariance
# %% correlation_solution
def correlation(patch, kernel):
    return np.cov(patch.ravel(), kernel.ravel(), bias=True)[0, 1]
