"""The root of it."""
# expect: misconception root of the error
# %% measures_solution
def baseline(X):
    return X[:, :, -look_ahead:]


def mse(forecast, truth):
    return float(np.sqrt(np.mean((forecast - truth) ** 2)))

