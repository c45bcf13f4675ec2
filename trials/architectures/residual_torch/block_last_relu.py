"""A slip: ReLU after the addition."""
# expect: misconception ReLU after the addition
# %% block_solution
class ResidualBlock(nn.Module):
    def __init__(self, kernel1, bias1, kernel2, bias2, projection=None, stride=1):
        super().__init__()
        filters, channels = kernel1.shape[:2]
        self.first = nn.Conv2d(channels, filters, 3, stride=stride, padding=1)
        self.second = nn.Conv2d(filters, filters, 3, padding=1)
        self.project = nn.Identity()
        with torch.no_grad():
            self.first.weight.copy_(torch.tensor(kernel1))
            self.first.bias.copy_(torch.tensor(bias1))
            self.second.weight.copy_(torch.tensor(kernel2))
            self.second.bias.copy_(torch.tensor(bias2))
            if projection is not None:
                self.project = nn.Conv2d(channels, filters, 1, stride=stride, bias=False)
                self.project.weight.copy_(torch.tensor(projection))

    def forward(self, x):
        return torch.relu(self.project(x) + self.second(torch.relu(self.first(x))))
