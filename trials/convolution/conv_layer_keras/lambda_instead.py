"""A Lambda layer with NumPy numbers instead of a Conv2D: the right map from another layer."""
# expect: loses points
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    k = keras.ops.convert_to_tensor(kernel[..., None, None].astype("float32"))
    return keras.Sequential([
        keras.Input((None, None, 1)), layers.Lambda(lambda x: keras.ops.conv(x, k, padding=padding))
    ])
