"""Lazy layers that saw one image; the usual torch.std, which divides by N - 1."""
# expect: full marks
# %% model_solution
def make_model():
    net = nn.Sequential(nn.LazyConv2d(32, 3, padding="same"), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10))
    net(torch.zeros(1, 1, 28, 28))
    return net

# %% standardize_solution
t = torch.tensor(x_train, dtype=torch.float32)
x_mean, x_std = t.mean(0), t.std(0)


def standardize(images):
    return ((torch.tensor(images, dtype=torch.float32) - x_mean) / (x_std + 0.0001)).unsqueeze(1)
