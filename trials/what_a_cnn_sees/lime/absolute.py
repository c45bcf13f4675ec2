"""By absolute value."""
# expect: misconception by absolute value
# %% top_solution
def top_superpixels(weights, number):
    return [int(k) for k in np.argsort(-np.abs(weights))[:number]]
