"""The last value, whatever it is asked for."""
# expect: misconception forecast of one step
# %% measures_solution
def baseline(X):
    return np.repeat(X[:, :, -1:], look_ahead, axis=2)


def mse(forecast, truth):
    return float(np.mean((forecast - truth) ** 2))

