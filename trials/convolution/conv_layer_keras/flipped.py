"""A true convolution: the kernel is turned first."""
# expect: misconception flipped kernel
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = layers.Conv2D(1, kernel.shape, padding=padding, use_bias=False)
    model = keras.Sequential([keras.Input((None, None, 1)), convolution])
    convolution.set_weights([kernel[::-1, ::-1, np.newaxis, np.newaxis]])
    return model
