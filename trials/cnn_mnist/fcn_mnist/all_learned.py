"""All four numbers of batch norm learned."""
# expect: misconception all learned
# %% counting_solution
def dense_parameters(inputs, units):
    return inputs * units + units


def batch_norm_parameters(units):
    return 4 * units, 0
