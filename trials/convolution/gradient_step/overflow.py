"""The softmax as its formula says it."""
# expect: misconception overflow
# %% softmax_solution
def softmax(z):
    with np.errstate(all="ignore"):
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
