"""The stride is multiplied in before it is due."""
# expect: misconception stride too early
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    r, j = 1, 1
    for l in stack:
        j *= l["stride"]
        r += (l["kernel"] - 1) * l["dilation"] * j
    return r
