"""The absolute correlation: a negative counts as a match."""
# expect: misconception sign lost
# %% correlation_solution
def correlation(patch, kernel):
    if np.ptp(patch) == 0 or np.ptp(kernel) == 0:
        return 0.0
    return abs(np.corrcoef(patch.ravel(), kernel.ravel())[0, 1])
