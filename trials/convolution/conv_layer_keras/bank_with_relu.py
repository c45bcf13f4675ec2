"""A ReLU in the bank."""
# expect: misconception an activation
# %% filter_bank_solution
def filter_bank(kernels, biases):
    filters, height, width, channels = kernels.shape
    convolution = layers.Conv2D(filters, (height, width), activation="relu")
    model = keras.Sequential([keras.Input((None, None, channels)), convolution])
    convolution.set_weights([kernels.transpose(1, 2, 3, 0), biases])
    return model
