"""A module of its own with Linear as the dense layer, and padding in the forward pass."""
# expect: full marks
# %% make_model_solution
class Net(nn.Module):
    def __init__(self, kernel_size, dilations):
        super().__init__()
        widths = [1] + [32] * len(dilations)
        self.convs = nn.ModuleList(
            nn.Conv1d(a, b, kernel_size, dilation=d) for a, b, d in zip(widths, widths[1:], dilations)
        )
        self.dense = nn.Linear(32, 1)
        self.size = kernel_size

    def forward(self, x):
        for conv in self.convs:
            x = conv(nn.functional.pad(x, ((self.size - 1) * conv.dilation[0], 0)))
        return self.dense(x.transpose(1, 2)).transpose(1, 2)[:, :, -look_ahead:]


def make_model(kernel_size, dilations):
    return Net(kernel_size, dilations)


plain, dilated = (make_model(5, d) for d in ([1] * 4, [2**i for i in range(4)]))

# %% measures_solution
def baseline(X):
    return X[..., X.shape[2] - look_ahead :].copy()


def mse(forecast, truth):
    return nn.functional.mse_loss(torch.as_tensor(forecast), torch.as_tensor(truth)).item()

