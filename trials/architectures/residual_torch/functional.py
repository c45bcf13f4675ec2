"""nn.Parameter und F.conv2d; torch.autograd.grad in float32."""
# expect: full marks
# %% block_solution
import torch.nn.functional as F


def param(a):
    return None if a is None else nn.Parameter(torch.as_tensor(a, dtype=torch.float32))


class ResidualBlock(nn.Module):
    def __init__(self, kernel1, bias1, kernel2, bias2, projection=None, stride=1):
        super().__init__()
        self.k1, self.b1, self.k2, self.b2 = map(param, (kernel1, bias1, kernel2, bias2))
        self.p = param(projection)
        self.schritt = stride

    def forward(self, x):
        f = F.relu(F.conv2d(x, self.k1, self.b1, self.schritt, 1))
        f = F.conv2d(f, self.k2, self.b2, padding=1)
        kurz = x if self.p is None else F.conv2d(x, self.p, stride=self.schritt)
        return kurz + f
# %% gradient_solution
def first_gradient(weights, x, residual):
    W = torch.tensor(weights, dtype=torch.float32, requires_grad=True)
    h = torch.tensor(x, dtype=torch.float32)
    for w in W:
        z = (h @ w).tanh()
        h = h + z if residual else z
    return torch.autograd.grad(h.sum() / len(x), W)[0][0]


def gradient_norms(weights, x):
    return torch.stack([first_gradient(weights, x, r).double().norm() for r in (False, True)])
