"""nn.functional, double precision, and one ReLU behind the concatenation."""
# expect: full marks
# %% module_solution
import torch.nn.functional as F


class Inception(nn.Module):
    def __init__(self, channels, f1, r3, f3, r5, f5, fp):
        super().__init__()
        self.a = nn.Conv2d(channels, f1, kernel_size=1)
        self.b = nn.Conv2d(channels, r3, kernel_size=1)
        self.c = nn.Conv2d(r3, f3, kernel_size=3)
        self.d = nn.Conv2d(channels, r5, kernel_size=1)
        self.e = nn.Conv2d(r5, f5, kernel_size=5)
        self.f = nn.Conv2d(channels, fp, kernel_size=1)
        self.double()

    def forward(self, x):
        b = self.c(F.pad(F.relu(self.b(x)), (1, 1, 1, 1)))
        c = self.e(F.pad(F.relu(self.d(x)), (2, 2, 2, 2)))
        d = self.f(F.max_pool2d(x, 3, stride=1, padding=1))
        return F.relu(torch.concat((self.a(x), b, c, d), dim=-3))
