"""Another count."""
# expect: misconception no bias
# %% counting_solution
def conv_parameters(height, width, channels, filters):
    return height * width * channels * filters
