"""3 and 3 make 6."""
# expect: misconception kernels added up
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    return sum(l["kernel"] for l in stack)
