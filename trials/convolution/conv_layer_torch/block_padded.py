"""The block's convolution pads."""
# expect: misconception wrong padding
# %% conv_block_solution
def conv_block(kernel):
    return nn.Sequential(conv_layer(kernel, "same"), nn.ReLU(), nn.MaxPool2d(2))
