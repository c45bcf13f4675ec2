"""The naive module."""
# expect: misconception naive module
# %% module_solution
class Inception(nn.Module):
    def __init__(self, channels, f1, r3, f3, r5, f5, fp):
        super().__init__()
        self.one = nn.Conv2d(channels, f1, 1)
        self.three = nn.Conv2d(channels, f3, 3, padding=1)
        self.five = nn.Conv2d(channels, f5, 5, padding=2)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)

    def forward(self, x):
        one = torch.relu(self.one(x))
        three = torch.relu(self.three(x))
        five = torch.relu(self.five(x))
        projected = self.pool(x)
        return torch.cat([one, three, five, projected], dim=1)
