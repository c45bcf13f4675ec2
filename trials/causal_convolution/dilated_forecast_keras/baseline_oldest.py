"""The first ten values."""
# expect: misconception the oldest steps
# %% measures_solution
def baseline(X):
    return X[:, :look_ahead]


def mse(forecast, truth):
    return float(np.mean((forecast - truth) ** 2))

