"""LeNet-5 with a softmax."""
# expect: misconception softmax at the end
# %% lenet5_solution
def lenet5():
    """LeNet-5 as a model: 32x32 pixels in, 10 logits out."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10), nn.Softmax(dim=1),
    )
