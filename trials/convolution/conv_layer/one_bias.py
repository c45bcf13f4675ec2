"""One bias for the whole layer."""
# expect: misconception one bias in all
# %% parameter_count_solution
def parameter_count(filters, height, width, channels):
    return filters * height * width * channels + 1
