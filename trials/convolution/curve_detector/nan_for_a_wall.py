"""corrcoef as it comes: NaN for a constant patch."""
# expect: loses points
# %% correlation_solution
def correlation(patch, kernel):
    with np.errstate(all="ignore"):
        return np.corrcoef(patch.ravel(), kernel.ravel())[0, 1]
