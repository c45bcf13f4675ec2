"""Convolutions without activations."""
# expect: misconception no activation
# %% cnn_solution
torch.manual_seed(seed)
cnn = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(1152, 32), nn.Linear(32, 8),
)
