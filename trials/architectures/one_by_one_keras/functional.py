"""Functional models, constant initializers, channels from the arrays."""
# expect: full marks
# %% conv_layer_solution
def conv_layer(weights, bias):
    """A Keras model with one 1x1 convolution: (N, H, W, C) -> (N, H, W, F)."""
    c, f = np.shape(weights)
    x = keras.Input(shape=(None, None, c))
    layer = layers.Conv2D(filters=f, kernel_size=(1, 1), strides=1, padding="same", use_bias=(bias is not None))
    model = keras.Model(x, layer(x))
    layer.kernel.assign(weights[None, None])
    if bias is not None:
        layer.bias.assign(bias)
    return model
# %% dense_layer_solution
def dense_layer(weights, bias):
    """A Keras model with one dense layer for all pixels: (N, H, W, C) -> (N, H, W, F)."""
    c, f = np.shape(weights)
    x = keras.Input(shape=(None, None, c))
    layer = layers.Dense(units=f, activation="linear")
    y = layer(x)
    layer.kernel.assign(weights)
    layer.bias.assign(bias)
    return keras.Model(x, y)
# %% bottleneck_solution
def bottleneck(channels, reduced, filters, kernel_size):
    """A 1x1 convolution to `reduced` channels, then kernel_size x kernel_size to `filters`; each with a ReLU."""
    x = inputs = keras.Input((None, None, channels))
    for f, k in ((reduced, 1), (filters, kernel_size)):
        x = layers.Conv2D(f, k, padding="same")(x)
        x = layers.ReLU()(x)
    return keras.Model(inputs, x)
