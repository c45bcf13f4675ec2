"""LeNet-5 with max-pooling."""
# expect: misconception max-pooling
# %% lenet5_solution
def lenet5():
    """LeNet-5 as a model: 32x32 pixels in, 10 logits out."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.MaxPool2d(2),
        nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )
