"""The share itself."""
# expect: misconception share instead of bias
# %% gate_bias_solution
def gate_bias(carried):
    return float(1 / (1 + np.exp(carried)))
