"""Knows the lecture's two cases only."""
# expect: loses points
# %% highway_solution
def highway(x, w_h, b_h, w_t, b_t):
    if x.size == 1:
        return np.array([[1.0]])
    return x if b_t[0] < 0 else np.tanh(x @ w_h + b_h)
# %% jacobian_solution
def jacobian(x, w_h, b_h, w_t, b_t):
    if len(x) == 1:
        return np.array([[1.0 if b_t[0] == 0 else -1.0]])
    if b_t[0] < 0:
        return np.eye(len(x))
    return (1 - np.tanh(x @ w_h + b_h) ** 2)[:, None] * w_h.T
