"""Negative numbers become positive."""
# expect: misconception absolute value
# %% relu_solution
def relu(values):
    return np.abs(values)
