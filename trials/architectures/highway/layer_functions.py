"""A slip: tanh and sigmoid swapped."""
# expect: misconception tanh and sigmoid swapped
# %% highway_solution
def highway(x, w_h, b_h, w_t, b_t):
    h = 1 / (1 + np.exp(-(x @ w_h + b_h)))
    t = np.tanh(x @ w_t + b_t)
    return h * t + x * (1 - t)
