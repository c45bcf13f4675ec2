"""Weights only."""
# expect: misconception no bias
# %% counting_solution
def dense_parameters(inputs, units):
    return inputs * units


def batch_norm_parameters(units):
    return 2 * units, 2 * units
