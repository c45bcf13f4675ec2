"""The width comes first."""
# expect: misconception rows and columns changed places
# %% positions_solution
def positions(height, width, mask, stride):
    return (width - mask) // stride + 1, (height - mask) // stride + 1
