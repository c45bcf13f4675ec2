"""Another count."""
# expect: misconception one bias for all
# %% counting_solution
def conv_parameters(height, width, channels, filters):
    return height * width * channels * filters + 1
