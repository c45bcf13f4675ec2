"""Dropout before batch norm."""
# expect: misconception dropout before batch normalization
# %% model_solution
def make_model():
    model = nn.Sequential()
    for n, units in ((784, 500), (500, 50)):
        model.append(nn.Linear(n, units))
        model.append(nn.Dropout(0.3))
        model.append(nn.BatchNorm1d(units))
        model.append(nn.ReLU())
    model.append(nn.Linear(50, 10))

    return model
