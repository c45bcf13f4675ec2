"""The logarithm of the pocket calculator."""
# expect: misconception other logarithm
# %% cross_entropy_solution
def cross_entropy(p, y):
    return -np.mean(np.log10(np.sum(p * y, axis=1)))
