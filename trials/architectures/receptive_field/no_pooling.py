"""Only convolutions count."""
# expect: misconception pooling ignored
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    r, j = 1, 1
    for l in stack:
        if l["kind"] == "conv":
            r += (l["kernel"] - 1) * l["dilation"] * j
            j *= l["stride"]
    return r
