"""Gives the NumPy function back, not a layer."""
# expect: loses points
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    return lambda batch: np.stack([causal_conv1d(x[:, 0], kernel, dilation) for x in batch])[..., None]

