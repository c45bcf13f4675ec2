"""One bias for the whole layer."""
# expect: misconception one bias for all
# %% counting_solution
def dense_parameters(inputs, units):
    return inputs * units + 1


def batch_norm_parameters(units):
    return 2 * units, 2 * units
