"""The layer has a ReLU."""
# expect: misconception an activation
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = nn.Conv2d(1, 1, kernel.shape, padding=padding, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(kernel))
    return nn.Sequential(convolution, nn.ReLU())
