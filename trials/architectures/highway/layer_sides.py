"""A slip: H and x on the wrong sides."""
# expect: misconception H and x on the wrong sides
# %% highway_solution
def highway(x, w_h, b_h, w_t, b_t):
    h = np.tanh(x @ w_h + b_h)
    t = 1 / (1 + np.exp(-(x @ w_t + b_t)))
    return h * (1 - t) + x * t
