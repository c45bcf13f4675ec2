"""Numbers counted anew instead of moved: reshape in place of permute."""
# expect: misconception not along the fiber
# %% dense_layer_solution
class Reshaped(nn.Module):
    def __init__(self, w, b):
        super().__init__()
        self.linear = nn.Linear(*w.shape)
        self.linear.weight.data = torch.tensor(w.T)
        self.linear.bias.data = torch.tensor(b)

    def forward(self, x):
        n, c, h, w = x.shape
        return self.linear(x.reshape(n, h, w, c)).reshape(n, -1, h, w)


def dense_layer(weights, bias):
    """A torch module with one linear layer for all pixels: (N, C, H, W) -> (N, F, H, W)."""
    return Reshaped(weights, bias)
