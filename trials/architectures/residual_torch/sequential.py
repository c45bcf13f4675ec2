"""F as a Sequential in double precision, weights through .data; modules for the stack."""
# expect: full marks
# %% block_solution
class ResidualBlock(nn.Module):
    def __init__(self, kernel1, bias1, kernel2, bias2, projection=None, stride=1):
        super().__init__()
        out_c, in_c, _, _ = kernel1.shape
        self.F = nn.Sequential(nn.Conv2d(in_c, out_c, (3, 3), stride, 1), nn.ReLU(), nn.Conv2d(out_c, out_c, (3, 3), 1, "same"))
        for conv, k, b in ((self.F[0], kernel1, bias1), (self.F[2], kernel2, bias2)):
            conv.weight.data, conv.bias.data = torch.from_numpy(k.copy()), torch.from_numpy(b.copy())
        self.short = None
        if projection is not None:
            self.short = nn.Conv2d(in_c, out_c, 1, stride, bias=False)
            self.short.weight.data = torch.from_numpy(projection.copy())
        self.double()

    def forward(self, x):
        y = self.F(x)
        if self.short is None:
            return y + x
        return y + self.short(x)
# %% gradient_solution
class Layer(nn.Module):
    def __init__(self, w, residual):
        super().__init__()
        self.lin = nn.Linear(*w.shape, bias=False, dtype=torch.float64)
        self.lin.weight.data = torch.from_numpy(w.T.copy())
        self.residual = residual

    def forward(self, h):
        return h * self.residual + torch.tanh(self.lin(h))


def first_gradient(weights, x, residual):
    net = nn.Sequential(*[Layer(w, residual) for w in weights])
    net(torch.from_numpy(x)).sum(1).mean().backward()
    return net[0].lin.weight.grad.T.numpy()


def gradient_norms(weights, x):
    return tuple(np.sqrt(np.square(first_gradient(weights, x, r)).sum()) for r in (False, True))
