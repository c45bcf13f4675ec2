"""A mask at every multiple of the stride."""
# expect: misconception masks over the edge
# %% positions_solution
def positions(height, width, mask, stride):
    return len(range(0, height, stride)), len(range(0, width, stride))
