"""The block's convolution pads."""
# expect: misconception wrong padding
# %% conv_block_solution
def conv_block(kernel):
    convolution = conv_layer(kernel, "same")
    return keras.Sequential([keras.Input((None, None, 1)), convolution, layers.ReLU(), layers.MaxPooling2D(2)])
