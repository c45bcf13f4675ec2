"""A slip: no tanh."""
# expect: misconception no tanh
# %% highway_solution
def highway(x, w_h, b_h, w_t, b_t):
    h = x @ w_h + b_h
    t = 1 / (1 + np.exp(-(x @ w_t + b_t)))
    return h * t + x * (1 - t)
