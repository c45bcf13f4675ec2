"""Looks whether the list is long enough after it has made it longer."""
# expect: misconception one layer too many
# %% doubling_dilations_solution
def doubling_dilations(kernel_size, steps):
    dilations = [1]
    while memory([(kernel_size, d) for d in dilations[:-1]]) < steps:
        dilations.append(2 * dilations[-1])
    return dilations

