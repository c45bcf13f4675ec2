"""padding forgotten."""
# expect: misconception no padding
# %% model_solution
def make_model():
    return nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 26 * 26, 10))
