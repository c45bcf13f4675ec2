"""Dropout behind the ReLU: computes the same, is not what was asked."""
# expect: misconception dropout behind the activation
# %% model_solution
def make_model():
    model = nn.Sequential()
    for n, units in ((784, 500), (500, 50)):
        model.append(nn.Linear(n, units))
        model.append(nn.BatchNorm1d(units))
        model.append(nn.ReLU())
        model.append(nn.Dropout(0.3))
    model.append(nn.Linear(50, 10))

    return model
