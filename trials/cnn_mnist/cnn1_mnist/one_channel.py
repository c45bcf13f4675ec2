"""Another count."""
# expect: misconception one channel
# %% counting_solution
def conv_parameters(height, width, channels, filters):
    return height * width * filters + filters
