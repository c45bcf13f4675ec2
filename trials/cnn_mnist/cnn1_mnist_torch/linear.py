"""No ReLU."""
# expect: misconception no activation
# %% model_solution
def make_model():
    return nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.Flatten(), nn.Linear(25088, 10))
