"""Strides are not noticed at all."""
# expect: misconception forgotten jump
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    return 1 + sum((l["kernel"] - 1) * l["dilation"] for l in stack)
