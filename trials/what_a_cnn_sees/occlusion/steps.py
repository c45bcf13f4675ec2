"""Steps instead of positions."""
# expect: misconception one position too few
# %% positions_solution
def positions(height, width, mask, stride):
    return (height - mask) // stride, (width - mask) // stride
