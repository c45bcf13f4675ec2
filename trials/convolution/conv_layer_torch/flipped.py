"""A true convolution: the kernel is turned first."""
# expect: misconception flipped kernel
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    convolution = nn.Conv2d(1, 1, kernel.shape, padding=padding, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(kernel).flip(0, 1))
    return nn.Sequential(convolution)
