"""Classes with a forward, einsum-free movedim, Parameters."""
# expect: full marks
# %% conv_layer_solution
class OneByOne(nn.Module):
    def __init__(self, w, b):
        super().__init__()
        self.conv = nn.Conv2d(w.shape[0], w.shape[1], kernel_size=(1, 1), bias=b is not None)
        self.conv.weight = nn.Parameter(torch.from_numpy(np.float32(w)).t()[:, :, None, None].clone())
        if b is not None:
            self.conv.bias = nn.Parameter(torch.from_numpy(np.float32(b)))

    def forward(self, x):
        return self.conv(x)


def conv_layer(weights, bias):
    """A torch module with one 1x1 convolution: (N, C, H, W) -> (N, F, H, W)."""
    return OneByOne(weights, bias)
# %% dense_layer_solution
class Fiberwise(nn.Module):
    def __init__(self, w, b):
        super().__init__()
        self.linear = nn.Linear(*w.shape)
        self.linear.weight.data = torch.tensor(w.T)
        self.linear.bias.data = torch.tensor(b)

    def forward(self, x):
        return torch.movedim(self.linear(torch.movedim(x, 1, -1)), -1, 1)


def dense_layer(weights, bias):
    """A torch module with one linear layer for all pixels: (N, C, H, W) -> (N, F, H, W)."""
    return Fiberwise(weights, bias)
# %% bottleneck_solution
def bottleneck(channels, reduced, filters, kernel_size):
    """A 1x1 convolution to `reduced` channels, then kernel_size x kernel_size to `filters`; each with a ReLU."""
    net = nn.Sequential()
    net.add_module("reduce", nn.Conv2d(channels, reduced, 1))
    net.add_module("relu1", nn.ReLU(inplace=True))
    net.add_module("conv", nn.Conv2d(reduced, filters, kernel_size, padding=kernel_size // 2))
    net.add_module("relu2", nn.ReLU(inplace=True))
    return net
