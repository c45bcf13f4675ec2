"""The functional API, float64 layers, and a kernel through an initializer."""
# expect: full marks
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    inputs = keras.Input(shape=(None, None, 1), dtype="float64")
    values = np.expand_dims(kernel, (2, 3))
    outputs = layers.Conv2D(
        filters=1, kernel_size=kernel.shape, padding=padding.upper(), use_bias=False, dtype="float64",
        kernel_initializer=lambda shape, dtype=None: keras.ops.convert_to_tensor(values, dtype),
    )(inputs)
    return keras.Model(inputs, outputs)
# %% deck_maps_solution
feature_map, feature_map_same = (
    conv_layer(KERNEL, p).predict(IMAGE.reshape(1, 6, 6, 1).astype(float), verbose=0).squeeze() for p in ("valid", "same")
)
# %% filter_bank_solution
def filter_bank(kernels, biases):
    inputs = keras.Input((None, None, kernels.shape[3]))
    layer = layers.Conv2D(len(kernels), kernels.shape[1:3])
    outputs = layer(inputs)
    layer.kernel.assign(np.moveaxis(kernels, 0, -1))
    layer.bias.assign(biases)
    return keras.Model(inputs, outputs)
# %% conv_block_solution
def conv_block(kernel):
    inputs = keras.Input((None, None, 1))
    layer = layers.Conv2D(1, kernel.shape, activation="relu", use_bias=False)
    outputs = layers.MaxPool2D((2, 2), strides=2)(layer(inputs))
    layer.set_weights([kernel.reshape(*kernel.shape, 1, 1)])
    return keras.Model(inputs, outputs)
