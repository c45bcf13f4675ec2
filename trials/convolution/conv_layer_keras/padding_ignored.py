"""The layer never pads."""
# expect: misconception wrong padding
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = layers.Conv2D(1, kernel.shape, use_bias=False)
    model = keras.Sequential([keras.Input((None, None, 1)), convolution])
    convolution.set_weights([kernel[:, :, np.newaxis, np.newaxis]])
    return model
