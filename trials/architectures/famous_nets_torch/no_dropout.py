"""AlexNet without dropout."""
# expect: misconception no dropout
# %% alexnet_solution
def alexnet(width=64, hidden=4096, classes=1000):
    """AlexNet as a model: 224x224 pixels in, logits out."""
    w = width
    return nn.Sequential(
        nn.Conv2d(3, w, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(w, 3 * w, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(3 * w, 6 * w, 3, padding=1), nn.ReLU(), nn.Conv2d(6 * w, 4 * w, 3, padding=1), nn.ReLU(),
        nn.Conv2d(4 * w, 4 * w, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten(),
        nn.Linear(144 * w, hidden), nn.ReLU(), 
        nn.Linear(hidden, hidden), nn.ReLU(), 
        nn.Linear(hidden, classes),
    )
