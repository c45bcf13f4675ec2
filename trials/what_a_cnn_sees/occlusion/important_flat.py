"""argmax alone."""
# expect: misconception a single number
# %% most_important_solution
def most_important(drops, stride):
    return int(np.argmax(drops))
