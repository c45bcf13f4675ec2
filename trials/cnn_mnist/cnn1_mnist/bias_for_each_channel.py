"""Another count."""
# expect: misconception a bias for each channel
# %% counting_solution
def conv_parameters(height, width, channels, filters):
    return (height * width + 1) * channels * filters
