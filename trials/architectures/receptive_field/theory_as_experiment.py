"""The experiment asks the theory."""
# expect: misconception theory instead of experiment
# %% measured_field_solution
def measured_field(stack, kernels, size):
    """The field of the last layer's upper left unit, found by lighting up one pixel after the other."""
    return receptive_field(stack)
