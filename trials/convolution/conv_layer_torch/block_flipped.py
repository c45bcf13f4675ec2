"""The kernel is turned on its way into the block."""
# expect: misconception flipped kernel
# %% conv_block_solution
def conv_block(kernel):
    return nn.Sequential(conv_layer(kernel[::-1, ::-1].copy()), nn.ReLU(), nn.MaxPool2d(2))
