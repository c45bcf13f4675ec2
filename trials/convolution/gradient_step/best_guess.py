"""The probability of the preferred class."""
# expect: misconception the preferred class
# %% cross_entropy_solution
def cross_entropy(p, y):
    return -np.log(p.max(axis=1)).mean()
