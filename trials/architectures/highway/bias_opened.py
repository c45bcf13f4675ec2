"""The share that is transformed."""
# expect: misconception transformed instead of carried
# %% gate_bias_solution
def gate_bias(carried):
    return float(np.log(carried / (1 - carried)))
