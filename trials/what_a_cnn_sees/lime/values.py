"""The weights themselves."""
# expect: misconception weights instead of numbers
# %% top_solution
def top_superpixels(weights, number):
    return sorted((float(w) for w in weights), reverse=True)[:number]
