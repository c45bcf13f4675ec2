"""The same shapes and counts, other edges."""
# expect: loses points
# %% model_solution
def make_model():
    return nn.Sequential(nn.Conv2d(1, 32, 3, padding="same", padding_mode="reflect"), nn.ReLU(), nn.Flatten(), nn.Linear(25088, 10))
