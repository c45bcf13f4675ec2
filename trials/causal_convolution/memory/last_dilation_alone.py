"""Stops when the last layer alone looks far enough."""
# expect: misconception only the last layer counted
# %% doubling_dilations_solution
def doubling_dilations(kernel_size, steps):
    if steps == 0:
        return []
    dilations = [1]
    while (kernel_size - 1) * dilations[-1] < steps:
        dilations.append(2 * dilations[-1])
    return dilations

