"""A bare nn.Conv2d with its data set, padding as numbers where that is possible."""
# expect: full marks
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    h, w = kernel.shape
    pad = 0 if padding == "valid" else (h // 2, w // 2) if h % 2 and w % 2 else "same"
    layer = nn.Conv2d(in_channels=1, out_channels=1, kernel_size=(h, w), padding=pad, bias=False)
    layer.weight.data[0, 0] = torch.tensor(kernel)
    return layer
# %% filter_bank_solution
def filter_bank(kernels, biases):
    f, h, w, c = kernels.shape
    layer = nn.Conv2d(c, f, (h, w))
    layer.weight.data = torch.FloatTensor(np.moveaxis(kernels, 3, 1).copy())
    layer.bias.data = torch.FloatTensor(biases)
    return layer
# %% parameter_count_solution
def parameter_count(filters, height, width, channels):
    layer = nn.Conv2d(channels, filters, (height, width), device="meta")
    return sum(p.numel() for p in layer.parameters())
# %% conv_block_solution
def conv_block(kernel):
    return nn.Sequential(conv_layer(kernel), nn.ReLU(inplace=True), nn.MaxPool2d(kernel_size=2, stride=2))
