"""A softmax that the loss takes again."""
# expect: misconception softmax in front of the loss
# %% model_solution
def make_model():
    return nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(25088, 10), nn.Softmax(dim=1))
