"""A module of one's own with F.conv2d instead of an nn.Conv2d."""
# expect: loses points
# %% conv_layer_solution
class Own(nn.Module):
    def __init__(self, kernel, padding):
        super().__init__()
        self.padding, self.kernel = padding, nn.Parameter(torch.tensor(kernel).float()[None, None])

    def forward(self, x):
        return nn.functional.conv2d(x, self.kernel, padding=self.padding)


def conv_layer(kernel, padding="valid"):
    return Own(kernel, padding)
