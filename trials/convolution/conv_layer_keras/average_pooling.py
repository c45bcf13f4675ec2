"""The block takes the mean of each window."""
# expect: misconception average pooling
# %% conv_block_solution
def conv_block(kernel):
    return keras.Sequential([keras.Input((None, None, 1)), conv_layer(kernel), layers.ReLU(), layers.AveragePooling2D(2)])
