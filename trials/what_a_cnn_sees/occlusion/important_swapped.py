"""x and y."""
# expect: misconception (left, top)
# %% most_important_solution
def most_important(drops, stride):
    return tuple(int(i) * stride for i in np.unravel_index(drops.argmax(), drops.shape))[::-1]
