"""The strongest comes last."""
# expect: misconception the smallest first
# %% top_solution
def top_superpixels(weights, number):
    return [int(k) for k in np.argsort(weights)[-number:]]
