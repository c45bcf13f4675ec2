"""ceil_mode: incomplete windows count."""
# expect: misconception incomplete windows
# %% conv_block_solution
def conv_block(kernel):
    return nn.Sequential(conv_layer(kernel), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True))
