"""Lazy layers with names, in an OrderedDict."""
# expect: full marks
# %% model_solution
from collections import OrderedDict

torch.manual_seed(seed)
parts = OrderedDict()
for n, (filters, pool) in enumerate([(8, False), (8, True), (16, False), (16, True)]):
    parts[f"conv{n}"] = nn.LazyConv2d(filters, 3, padding="same")
    parts[f"norm{n}"] = nn.LazyBatchNorm2d()
    parts[f"relu{n}"] = nn.ReLU()
    if pool:
        parts[f"pool{n}"] = nn.MaxPool2d(2, 2)
parts |= {"flat": nn.Flatten(), "hidden": nn.LazyLinear(40), "norm": nn.LazyBatchNorm1d(), "drop": nn.Dropout(0.3)}
parts |= {"relu": nn.ReLU(), "out": nn.LazyLinear(10)}
model = nn.Sequential(parts)
model(x_val[:2])
