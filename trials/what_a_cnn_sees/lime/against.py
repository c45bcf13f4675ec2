"""What speaks against the class."""
# expect: misconception what speaks against
# %% top_solution
def top_superpixels(weights, number):
    return [int(k) for k in np.argsort(weights)[:number]]
