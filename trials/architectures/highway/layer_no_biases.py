"""A slip: no biases."""
# expect: misconception no biases
# %% highway_solution
def highway(x, w_h, b_h, w_t, b_t):
    h = np.tanh(x @ w_h)
    t = 1 / (1 + np.exp(-(x @ w_t)))
    return h * t + x * (1 - t)
