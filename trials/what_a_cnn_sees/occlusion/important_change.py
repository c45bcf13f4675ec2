"""The lowest value."""
# expect: misconception the largest change
# %% most_important_solution
def most_important(drops, stride):
    return tuple(int(i) * stride for i in np.unravel_index(np.abs(drops).argmax(), drops.shape))
