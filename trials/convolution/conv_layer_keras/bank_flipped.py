"""The filters are turned."""
# expect: misconception flipped kernel
# %% filter_bank_solution
def filter_bank(kernels, biases):
    filters, height, width, channels = kernels.shape
    convolution = layers.Conv2D(filters, (height, width))
    model = keras.Sequential([keras.Input((None, None, channels)), convolution])
    convolution.set_weights([kernels[:, ::-1, ::-1].transpose(1, 2, 3, 0), biases])
    return model
