"""Each column adds up to 1."""
# expect: misconception wrong axis
# %% softmax_solution
def softmax(z):
    powers = np.exp(z - z.max(axis=0))
    return powers / powers.sum(axis=0)
