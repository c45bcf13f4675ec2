"""A convolution where the dense layer should be."""
# expect: loses points
# %% dense_layer_solution
def dense_layer(weights, bias):
    """A Keras model with one dense layer for all pixels: (N, H, W, C) -> (N, H, W, F)."""
    return conv_layer(weights, bias)
