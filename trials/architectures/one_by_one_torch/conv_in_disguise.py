"""A convolution where the linear layer should be."""
# expect: loses points
# %% dense_layer_solution
def dense_layer(weights, bias):
    """A torch module with one linear layer for all pixels: (N, C, H, W) -> (N, F, H, W)."""
    return conv_layer(weights, bias)
