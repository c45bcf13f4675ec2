"""The layer has a ReLU."""
# expect: misconception an activation
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = layers.Conv2D(1, kernel.shape, padding=padding, use_bias=False, activation="relu")
    model = keras.Sequential([keras.Input((None, None, 1)), convolution])
    convolution.set_weights([kernel[:, :, np.newaxis, np.newaxis]])
    return model
