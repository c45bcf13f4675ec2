"""Divides by the number of series."""
# expect: misconception mean over the series alone
# %% measures_solution
def baseline(X):
    return X[:, -look_ahead:]


def mse(forecast, truth):
    return float(np.sum((forecast - truth) ** 2) / len(truth))

