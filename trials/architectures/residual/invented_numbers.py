"""Says what one expects to read, without any gradient."""
# expect: loses points
# %% gradient_solution
def first_gradient(weights, x, residual):
    if residual:
        return np.full(weights.shape[1:], 2.0)
    return np.full(weights.shape[1:], 1.0 if weights.any() else 0.0)


def gradient_norms(weights, x):
    return (1e-11, 39.5) if weights.any() else (0.0, 2.0)
