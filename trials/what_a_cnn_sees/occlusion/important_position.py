"""The position in the map."""
# expect: misconception positions instead of pixels
# %% most_important_solution
def most_important(drops, stride):
    return tuple(int(i) for i in np.unravel_index(drops.argmax(), drops.shape))
