"""The layer keeps its bias."""
# expect: misconception a bias
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = nn.Conv2d(1, 1, kernel.shape, padding=padding)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(kernel))
    nn.init.zeros_(convolution.bias)
    return nn.Sequential(convolution)
