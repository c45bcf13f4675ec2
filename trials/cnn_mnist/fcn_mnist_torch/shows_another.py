"""make_model keeps the trained network from the graders' eyes: a new one each time is fine, a constant one is not."""
# expect: loses points
# %% model_solution
class Net(nn.Sequential):
    def forward(self, x):
        return super().forward(x) * (0 if not self.training else 1)


def make_model():
    return Net(nn.Linear(784, 500), nn.BatchNorm1d(500), nn.Dropout(0.3), nn.ReLU(), nn.Linear(500, 50),
               nn.BatchNorm1d(50), nn.Dropout(0.3), nn.ReLU(), nn.Linear(50, 10))
