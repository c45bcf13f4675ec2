"""The root below the line is forgotten."""
# expect: misconception root forgotten
# %% correlation_solution
def correlation(patch, kernel):
    x, k = patch - patch.mean(), kernel - kernel.mean()
    below = (x**2).sum() * (k**2).sum()
    return (x * k).sum() / below if below else 0.0
