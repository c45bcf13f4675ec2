"""The largest logit of the whole mini-batch is taken away."""
# expect: misconception one maximum for all
# %% softmax_solution
def softmax(z):
    with np.errstate(all="ignore"):
        powers = np.exp(z - z.max())
        return powers / powers.sum(axis=1, keepdims=True)
