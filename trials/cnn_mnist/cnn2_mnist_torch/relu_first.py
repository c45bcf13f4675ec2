"""ReLU before batch norm: the same shapes and counts."""
# expect: loses points
# %% model_solution
torch.manual_seed(seed)
model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
    nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
    nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(16), nn.MaxPool2d(2),
    nn.Flatten(), nn.LazyLinear(40), nn.BatchNorm1d(40), nn.Dropout(0.3), nn.ReLU(), nn.Linear(40, 10),
)
model.eval()(x_val[:1])
