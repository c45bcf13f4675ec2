"""A pooling widens the field, but its stride is forgotten."""
# expect: misconception pooling without its stride
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    r, j = 1, 1
    for l in stack:
        r += (l["kernel"] - 1) * l["dilation"] * j
        if l["kind"] == "conv":
            j *= l["stride"]
    return r
