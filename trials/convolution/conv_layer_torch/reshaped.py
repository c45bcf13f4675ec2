"""reshape instead of permute."""
# expect: misconception reshaped weights
# %% filter_bank_solution
def filter_bank(kernels, biases):
    filters, height, width, channels = kernels.shape
    convolution = nn.Conv2d(channels, filters, (height, width))
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(kernels).reshape(filters, channels, height, width))
        convolution.bias.copy_(torch.tensor(biases))
    return nn.Sequential(convolution)
