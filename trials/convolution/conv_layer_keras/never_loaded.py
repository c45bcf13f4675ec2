"""The kernel's numbers never reach the layer."""
# expect: loses points
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = layers.Conv2D(1, kernel.shape, padding=padding, use_bias=False)
    model = keras.Sequential([keras.Input((None, None, 1)), convolution])
    return model
