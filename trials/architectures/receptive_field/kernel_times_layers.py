"""k times n."""
# expect: misconception kernel times number of layers
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    return stack[0]["kernel"] * len(stack)
