"""Height and width of the kernels change places."""
# expect: misconception height and width exchanged
# %% filter_bank_solution
def filter_bank(kernels, biases):
    filters, height, width, channels = kernels.shape
    convolution = nn.Conv2d(channels, filters, (width, height))
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(kernels).permute(0, 3, 2, 1))
        convolution.bias.copy_(torch.tensor(biases))
    return nn.Sequential(convolution)
