"""The block has no ReLU."""
# expect: misconception no ReLU
# %% conv_block_solution
def conv_block(kernel):
    return keras.Sequential([keras.Input((None, None, 1)), conv_layer(kernel), layers.MaxPooling2D(2)])
