"""model.add, the activation fused, einsum for the layout."""
# expect: full marks
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    model = keras.models.Sequential()
    model.add(keras.layers.Input(shape=(None, None, 1)))
    model.add(keras.layers.Conv2D(1, list(kernel.shape), strides=(1, 1), padding=padding, activation=None, use_bias=False))
    w = np.empty(kernel.shape + (1, 1), dtype=np.float32)
    w[:, :, 0, 0] = kernel
    model.layers[-1].set_weights([w])
    return model
# %% filter_bank_solution
def filter_bank(kernels, biases):
    model = keras.models.Sequential()
    model.add(keras.layers.Input(shape=(None, None, kernels.shape[-1])))
    model.add(keras.layers.Conv2D(kernels.shape[0], kernels.shape[1:3], activation="linear"))
    model.set_weights([np.einsum("fhwc->hwcf", kernels), biases])
    return model
# %% parameter_count_solution
def parameter_count(filters, height, width, channels):
    layer = layers.Conv2D(filters, (height, width))
    layer.build((None, None, None, channels))
    return layer.count_params()
# %% conv_block_solution
def conv_block(kernel):
    model = conv_layer(kernel)
    model.add(keras.layers.ReLU())
    model.add(keras.layers.MaxPooling2D(pool_size=2, strides=2, padding="valid"))
    return model
