"""A softmax that the loss takes again."""
# expect: misconception softmax in front of the loss
# %% model_solution
def make_model():
    model = nn.Sequential()
    for n, units in ((784, 500), (500, 50)):
        model.append(nn.Linear(n, units))
        model.append(nn.BatchNorm1d(units))
        model.append(nn.Dropout(0.3))
        model.append(nn.ReLU())
    model.append(nn.Linear(50, 10))
    model.append(nn.Softmax(dim=1))
    return model
