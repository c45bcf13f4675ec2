"""The whole mini-batch adds up to 1."""
# expect: misconception one sum for all
# %% softmax_solution
def softmax(z):
    powers = np.exp(z - z.max())
    return powers / powers.sum()
