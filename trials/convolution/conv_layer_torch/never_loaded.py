"""The kernel's numbers never reach the layer."""
# expect: loses points
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = nn.Conv2d(1, 1, kernel.shape, padding=padding, bias=False)
    return nn.Sequential(convolution)
