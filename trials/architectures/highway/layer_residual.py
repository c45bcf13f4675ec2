"""A slip: all of x added."""
# expect: misconception all of x added
# %% highway_solution
def highway(x, w_h, b_h, w_t, b_t):
    h = np.tanh(x @ w_h + b_h)
    t = 1 / (1 + np.exp(-(x @ w_t + b_t)))
    return h * t + x
