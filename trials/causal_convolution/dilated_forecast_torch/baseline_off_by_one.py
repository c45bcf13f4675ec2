"""The ten values before the newest one."""
# expect: misconception off by one
# %% measures_solution
def baseline(X):
    return X[:, :, -look_ahead - 1:-1]


def mse(forecast, truth):
    return float(np.mean((forecast - truth) ** 2))

