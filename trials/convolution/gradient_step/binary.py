"""The binary cross-entropy, summed over the classes."""
# expect: misconception binary cross-entropy
# %% cross_entropy_solution
def cross_entropy(p, y):
    with np.errstate(all="ignore"):
        return np.mean(np.sum(-(y * np.log(p) + (1 - y) * np.log(1 - p)), axis=1))
