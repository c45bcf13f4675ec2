"""Stops as soon as the receptive field has that many steps."""
# expect: misconception receptive field instead of memory
# %% doubling_dilations_solution
def doubling_dilations(kernel_size, steps):
    dilations = []
    while receptive_field([(kernel_size, d) for d in dilations]) < steps:
        dilations.append(2 ** len(dilations))
    return dilations

