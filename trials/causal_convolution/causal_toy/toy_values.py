"""Knows the toy example, whatever it is asked."""
# expect: loses points
# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    if len(x) == 4:
        return np.array([10.0, 20.0, 31.0, 42.0])
    return np.array([20.0, 50.0, 80.0])

