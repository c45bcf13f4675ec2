"""Each kernel of a channel has a bias."""
# expect: misconception a bias for each channel
# %% parameter_count_solution
def parameter_count(filters, height, width, channels):
    return (height * width + 1) * channels * filters
