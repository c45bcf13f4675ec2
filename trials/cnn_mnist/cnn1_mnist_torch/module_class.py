"""A class; padding=1; tensors for the statistics, with the spread that divides by N."""
# expect: full marks
# %% model_solution
class Cnn1(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.act = nn.ReLU()
        self.flat = nn.Flatten()
        self.out = nn.Linear(25088, 10)

    def forward(self, x):
        return self.out(self.flat(self.act(self.conv(x))))


def make_model():
    return Cnn1()

# %% standardize_solution
t = torch.from_numpy(x_train).double()
x_mean = t.mean(dim=0).numpy()
x_std = t.std(dim=0, correction=0).numpy()


def standardize(images):
    z = (torch.as_tensor(images).double() - torch.as_tensor(x_mean)) / (torch.as_tensor(x_std) + 0.0001)
    return z.float()[:, None]
