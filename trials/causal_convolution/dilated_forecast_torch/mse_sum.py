"""A sum."""
# expect: misconception sum instead of mean
# %% measures_solution
def baseline(X):
    return X[:, :, -look_ahead:]


def mse(forecast, truth):
    return float(np.sum((forecast - truth) ** 2))

