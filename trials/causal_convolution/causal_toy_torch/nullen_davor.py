"""Nullen werden angehaengt statt gepolstert; deutsch kommentiert."""
# expect: full marks
# %% causal_layer_solution
class Davor(nn.Module):
    """Haengt Nullen vor jede Reihe."""

    def __init__(self, anzahl):
        super().__init__()
        self.anzahl = anzahl

    def forward(self, x):
        return torch.cat([torch.zeros(x.shape[0], x.shape[1], self.anzahl), x], dim=2)


def causal_layer(kernel, dilation=1):
    faltung = nn.Conv1d(1, 1, len(kernel), dilation=dilation, bias=False).requires_grad_(False)
    faltung.weight[0, 0] = torch.tensor([float(k) for k in kernel])
    return nn.Sequential(Davor((len(kernel) - 1) * dilation), faltung)

