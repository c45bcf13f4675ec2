"""The functional interface, with the kernel as initializer."""
# expect: full marks
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    weights = np.asarray(kernel, dtype="float32").reshape(len(kernel), 1, 1)
    x = keras.Input(shape=(None, 1))
    y = layers.Conv1D(
        filters=1,
        kernel_size=len(kernel),
        padding="causal",
        dilation_rate=dilation,
        use_bias=False,
        kernel_initializer=lambda shape, dtype=None: keras.ops.convert_to_tensor(weights),
    )(x)
    return keras.Model(inputs=x, outputs=y)

