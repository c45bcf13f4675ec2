"""The block takes the mean of each window."""
# expect: misconception average pooling
# %% conv_block_solution
def conv_block(kernel):
    return nn.Sequential(conv_layer(kernel), nn.ReLU(), nn.AvgPool2d(2))
