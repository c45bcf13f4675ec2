"""The coefficient of determination instead of the correlation."""
# expect: misconception sign lost
# %% correlation_solution
def correlation(patch, kernel):
    if np.ptp(patch) == 0 or np.ptp(kernel) == 0:
        return 0.0
    return np.corrcoef(patch.ravel(), kernel.ravel())[0, 1] ** 2
