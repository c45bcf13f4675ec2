"""Two numbers of batch norm, not four."""
# expect: misconception one number each
# %% counting_solution
def dense_parameters(inputs, units):
    return inputs * units + units


def batch_norm_parameters(units):
    return units, units
