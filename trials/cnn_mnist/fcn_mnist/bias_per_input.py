"""The bias given to the wrong side."""
# expect: misconception a bias for each input
# %% counting_solution
def dense_parameters(inputs, units):
    return inputs * units + inputs


def batch_norm_parameters(units):
    return 2 * units, 2 * units
