"""Zeros by a layer of their own, then an unpadded convolution."""
# expect: full marks
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    model = keras.Sequential(
        [
            keras.Input((None, 1)),
            layers.ZeroPadding1D(((len(kernel) - 1) * dilation, 0)),
            layers.Conv1D(1, len(kernel), padding="valid", dilation_rate=dilation, use_bias=False),
        ]
    )
    model.set_weights([np.array(kernel, dtype="float32")[:, None, None]])
    return model

