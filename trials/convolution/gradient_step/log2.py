"""Bits."""
# expect: misconception other logarithm
# %% cross_entropy_solution
def cross_entropy(p, y):
    return -np.mean(np.log2(np.sum(p * y, axis=1)))
