"""Computes right, with constants instead of weights."""
# expect: loses points
# %% layer_solution
class HighwayLayer(nn.Module):
    def __init__(self, *arrays):
        super().__init__()
        self.arrays = [torch.tensor(a, dtype=torch.float32) for a in arrays]

    def forward(self, x):
        w_h, b_h, w_t, b_t = self.arrays
        t = torch.sigmoid(x @ w_t + b_t)
        return torch.tanh(x @ w_h + b_h) * t + x * (1 - t)
