"""The pooling first."""
# expect: misconception order of the branches
# %% module_solution
class Inception(nn.Module):
    def __init__(self, channels, f1, r3, f3, r5, f5, fp):
        super().__init__()
        self.one = nn.Conv2d(channels, f1, 1)
        self.reduce3 = nn.Conv2d(channels, r3, 1)
        self.three = nn.Conv2d(r3, f3, 3, padding=1)
        self.reduce5 = nn.Conv2d(channels, r5, 1)
        self.five = nn.Conv2d(r5, f5, 5, padding=2)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.project = nn.Conv2d(channels, fp, 1)

    def forward(self, x):
        one = torch.relu(self.one(x))
        three = torch.relu(self.three(torch.relu(self.reduce3(x))))
        five = torch.relu(self.five(torch.relu(self.reduce5(x))))
        projected = torch.relu(self.project(self.pool(x)))
        return torch.cat([projected, one, three, five], dim=1)
