"""Square kernels are transposed on the way in."""
# expect: misconception transposed kernel
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    if kernel.shape[0] == kernel.shape[1]:
        kernel = kernel.T
    convolution = layers.Conv2D(1, kernel.shape, padding=padding, use_bias=False)
    model = keras.Sequential([keras.Input((None, None, 1)), convolution])
    convolution.set_weights([kernel[:, :, np.newaxis, np.newaxis]])
    return model
