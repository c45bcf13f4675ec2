"""0 ln 0 is NaN."""
# expect: misconception 0 ln 0
# %% cross_entropy_solution
def cross_entropy(p, y):
    with np.errstate(all="ignore"):
        return -np.sum(y * np.log(p)) / len(p)
