"""Averages first."""
# expect: misconception mean not squared
# %% measures_solution
def baseline(X):
    return X[:, :, -look_ahead:]


def mse(forecast, truth):
    return float(np.mean(forecast - truth) ** 2)

