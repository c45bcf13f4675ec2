"""Absolute errors."""
# expect: misconception absolute error
# %% measures_solution
def baseline(X):
    return X[:, -look_ahead:]


def mse(forecast, truth):
    return float(np.abs(forecast - truth).mean())

