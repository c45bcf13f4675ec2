"""The pooling pads, so that incomplete windows count."""
# expect: misconception incomplete windows
# %% conv_block_solution
def conv_block(kernel):
    pooling = layers.MaxPooling2D(2, padding="same")
    return keras.Sequential([keras.Input((None, None, 1)), conv_layer(kernel), layers.ReLU(), pooling])
