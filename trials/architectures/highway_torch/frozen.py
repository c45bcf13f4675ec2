"""The gate cannot be trained."""
# expect: loses points
# %% layer_solution
class HighwayLayer(nn.Module):
    def __init__(self, w_h, b_h, w_t, b_t):
        super().__init__()
        self.transform = nn.Linear(len(b_h), len(b_h))
        self.gate = nn.Linear(len(b_t), len(b_t))
        self.gate.requires_grad_(False)
        with torch.no_grad():
            self.transform.weight.copy_(torch.tensor(w_h).T)
            self.transform.bias.copy_(torch.tensor(b_h))
            self.gate.weight.copy_(torch.tensor(w_t).T)
            self.gate.bias.copy_(torch.tensor(b_t))

    def forward(self, x):
        h = torch.tanh(self.transform(x))
        t = torch.sigmoid(self.gate(x))
        return h * t + x * (1 - t)
