"""The filters are turned."""
# expect: misconception flipped kernel
# %% filter_bank_solution
def filter_bank(kernels, biases):
    filters, height, width, channels = kernels.shape
    convolution = nn.Conv2d(channels, filters, (height, width))
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(kernels).permute(0, 3, 1, 2).flip(2, 3))
        convolution.bias.copy_(torch.tensor(biases))
    return nn.Sequential(convolution)
