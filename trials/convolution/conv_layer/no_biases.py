"""The biases are not counted."""
# expect: misconception no biases
# %% parameter_count_solution
def parameter_count(filters, height, width, channels):
    return np.prod([filters, height, width, channels])
