"""Zeros at both ends."""
# expect: misconception 'same' instead of causal
# %% causal_layer_solution
def causal_layer(kernel, dilation=1):
    convolution = layers.Conv1D(1, len(kernel), padding='same', dilation_rate=dilation, use_bias=False)
    model = keras.Sequential([keras.Input((None, 1)), convolution])
    convolution.set_weights([np.reshape(kernel, (-1, 1, 1))])
    return model

