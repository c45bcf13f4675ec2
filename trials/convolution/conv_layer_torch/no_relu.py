"""The block has no ReLU."""
# expect: misconception no ReLU
# %% conv_block_solution
def conv_block(kernel):
    return nn.Sequential(conv_layer(kernel), nn.MaxPool2d(2))
