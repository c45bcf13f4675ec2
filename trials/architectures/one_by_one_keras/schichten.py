"""Layers by name, activations as layers, weights through set_weights of the model; German comments."""
# expect: full marks
# %% conv_layer_solution
def conv_layer(weights, bias):
    """A Keras model with one 1x1 convolution: (N, H, W, C) -> (N, H, W, F)."""
    kanaele, filter_zahl = weights.shape
    netz = keras.Sequential([
        keras.layers.InputLayer(shape=(None, None, kanaele)),
        keras.layers.Conv2D(filter_zahl, 1, use_bias=True if bias is not None else False),
    ])
    werte = [weights[np.newaxis, np.newaxis, :, :]]
    if bias is not None:
        werte.append(bias)
    netz.set_weights(werte)  # alle auf einmal
    return netz
# %% dense_layer_solution
def dense_layer(weights, bias):
    """A Keras model with one dense layer for all pixels: (N, H, W, C) -> (N, H, W, F)."""
    netz = keras.Sequential()
    netz.add(keras.layers.Dense(weights.shape[1]))
    netz.build((None, None, None, weights.shape[0]))
    netz.set_weights([weights, bias])
    return netz
# %% bottleneck_solution
def bottleneck(channels, reduced, filters, kernel_size):
    """A 1x1 convolution to `reduced` channels, then kernel_size x kernel_size to `filters`; each with a ReLU."""
    return keras.Sequential([
        keras.Input((None, None, channels)),
        layers.Conv2D(reduced, (1, 1)),
        layers.Activation("relu"),
        layers.Conv2D(filters, (kernel_size, kernel_size), padding="same"),
        layers.Activation("relu"),
    ])
