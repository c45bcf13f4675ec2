"""np.mean over everything."""
# expect: misconception mean over the classes, too
# %% cross_entropy_solution
def cross_entropy(p, y):
    return np.mean(-y * np.log(np.where(y > 0, p, 1)))
