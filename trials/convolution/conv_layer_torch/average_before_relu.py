"""The mean of each window, before the ReLU."""
# expect: misconception average pooling
# %% conv_block_solution
def conv_block(kernel):
    return nn.Sequential(conv_layer(kernel), nn.AvgPool2d(2), nn.ReLU())
