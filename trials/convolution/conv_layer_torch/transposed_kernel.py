"""Square kernels are transposed on the way in."""
# expect: misconception transposed kernel
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    kernel = kernel.T.copy() if kernel.shape[0] == kernel.shape[1] else kernel
    convolution = nn.Conv2d(1, 1, kernel.shape, padding=padding, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(kernel))
    return nn.Sequential(convolution)
