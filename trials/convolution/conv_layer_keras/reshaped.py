"""reshape instead of transpose."""
# expect: misconception reshaped weights
# %% filter_bank_solution
def filter_bank(kernels, biases):
    filters, height, width, channels = kernels.shape
    convolution = layers.Conv2D(filters, (height, width))
    model = keras.Sequential([keras.Input((None, None, channels)), convolution])
    convolution.set_weights([kernels.reshape(height, width, channels, filters), biases])
    return model
