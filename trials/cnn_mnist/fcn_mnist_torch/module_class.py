"""A class with a forward of its own; rows by flatten of a tensor."""
# expect: full marks
# %% to_rows_solution
def to_rows(images):
    return torch.from_numpy(images).flatten(start_dim=1).float() / 255

# %% model_solution
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.bn1 = nn.Linear(784, 500), nn.BatchNorm1d(500)
        self.fc2, self.bn2 = nn.Linear(500, 50), nn.BatchNorm1d(50)
        self.fc3 = nn.Linear(50, 10)
        self.drop1, self.drop2 = nn.Dropout(0.3), nn.Dropout(0.3)
        self.relu1, self.relu2 = nn.ReLU(), nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.relu1(self.drop1(self.bn1(self.fc1(x))))
        x = self.relu2(self.drop2(self.bn2(self.fc2(x))))
        return self.fc3(x)


def make_model():
    return Net()
