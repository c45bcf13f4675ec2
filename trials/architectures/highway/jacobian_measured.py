"""Differences instead of a formula."""
# expect: misconception measured instead of derived
# %% jacobian_solution
def jacobian(x, w_h, b_h, w_t, b_t):
    e = 1e-5 * np.eye(len(x))
    return ((highway(x + e, w_h, b_h, w_t, b_t) - highway(x - e, w_h, b_h, w_t, b_t)) / 2e-5).T
