"""A slip: transposed Jacobian."""
# expect: misconception transposed Jacobian
# %% jacobian_solution
def jacobian(x, w_h, b_h, w_t, b_t):
    h = np.tanh(x @ w_h + b_h)
    t = 1 / (1 + np.exp(-(x @ w_t + b_t)))
    h_slope = (1 - h**2)[:, np.newaxis] * w_h.T
    t_slope = (t * (1 - t))[:, np.newaxis] * w_t.T
    return (t[:, np.newaxis] * h_slope + (h - x)[:, np.newaxis] * t_slope + np.diag(1 - t)).T
