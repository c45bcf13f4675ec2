"""The layer keeps its bias."""
# expect: misconception a bias
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = layers.Conv2D(1, kernel.shape, padding=padding)
    model = keras.Sequential([keras.Input((None, None, 1)), convolution])
    convolution.set_weights([kernel[:, :, np.newaxis, np.newaxis], np.zeros(1)])
    return model
