"""Every shortcut begins at the input."""
# expect: misconception shortcuts from the input
# %% gradient_solution
def first_gradient(weights, x, residual):
    h = [x]
    for w in weights:
        z = np.tanh(h[-1] @ w)
        h.append(x + z if residual else z)
    g = np.ones_like(h[-1]) / len(x)
    for l in range(len(weights) - 1, -1, -1):
        d = g * (1 - np.tanh(h[l] @ weights[l]) ** 2)
        dw = h[l].T @ d
        g = d @ weights[l].T
    return dw


def gradient_norms(weights, x):
    a, b = [np.sqrt((first_gradient(weights, x, r) ** 2).sum()) for r in (False, True)]
    return a, b
