"""Height and width of the kernels change places."""
# expect: misconception height and width exchanged
# %% filter_bank_solution
def filter_bank(kernels, biases):
    filters, height, width, channels = kernels.shape
    convolution = layers.Conv2D(filters, (width, height))
    model = keras.Sequential([keras.Input((None, None, channels)), convolution])
    convolution.set_weights([kernels.transpose(2, 1, 3, 0), biases])
    return model
