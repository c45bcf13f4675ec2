"""Rows times columns."""
# expect: misconception the total
# %% positions_solution
def positions(height, width, mask, stride):
    return ((height - mask) // stride + 1) * ((width - mask) // stride + 1)
