"""A slip: gate and transform swapped."""
# expect: misconception gate and transform swapped
# %% highway_solution
def highway(x, w_t, b_t, w_h, b_h):
    h = np.tanh(x @ w_h + b_h)
    t = 1 / (1 + np.exp(-(x @ w_t + b_t)))
    return h * t + x * (1 - t)
