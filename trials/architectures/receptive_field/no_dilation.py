"""Kernel sizes as they are written."""
# expect: misconception dilation ignored
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    r, j = 1, 1
    for l in stack:
        r += (l["kernel"] - 1) * j
        j *= l["stride"]
    return r
