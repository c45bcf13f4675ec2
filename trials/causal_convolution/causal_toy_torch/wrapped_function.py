"""Gives the NumPy function back, not a module."""
# expect: loses points
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    return lambda batch: torch.tensor(np.stack([causal_conv1d(x[0].numpy(), kernel, dilation) for x in batch])[:, None])

