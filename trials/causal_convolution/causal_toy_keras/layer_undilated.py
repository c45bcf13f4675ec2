"""The dilation is not passed on."""
# expect: misconception no dilation
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    convolution = layers.Conv1D(1, len(kernel), padding='causal', dilation_rate=1, use_bias=False)
    model = keras.Sequential([keras.Input((None, 1)), convolution])
    convolution.set_weights([np.reshape(kernel, (-1, 1, 1))])
    return model

