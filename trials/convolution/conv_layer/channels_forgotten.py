"""A filter is flat."""
# expect: misconception channels forgotten
# %% parameter_count_solution
def parameter_count(filters, height, width, channels):
    return (height * width + 1) * filters
