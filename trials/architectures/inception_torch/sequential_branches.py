"""Vier Zweige in einer ModuleList; gezählt wird mit PyTorch."""
# expect: full marks
# %% module_solution
class Inception(nn.Module):
    def __init__(self, channels, f1, r3, f3, r5, f5, fp):
        super().__init__()
        def faltung(ein, aus, k):
            return nn.Sequential(nn.Conv2d(ein, aus, k, padding="same"), nn.ReLU(inplace=True))
        self.zweige = nn.ModuleList([
            faltung(channels, f1, 1),
            nn.Sequential(faltung(channels, r3, 1), faltung(r3, f3, 3)),
            nn.Sequential(faltung(channels, r5, 1), faltung(r5, f5, 5)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), faltung(channels, fp, 1)),
        ])

    def forward(self, x):
        return torch.cat([z(x) for z in self.zweige], 1)
# %% counting_solution
def anzahl(m):
    return sum(p.numel() for p in m.parameters())


def count_inception(channels, f1, r3, f3, r5, f5, fp):
    return anzahl(Inception(channels, f1, r3, f3, r5, f5, fp)), f1 + f3 + f5 + fp


def count_naive(channels, f1, f3, f5):
    m = nn.ModuleList([nn.Conv2d(channels, f1, 1), nn.Conv2d(channels, f3, 3), nn.Conv2d(channels, f5, 5)])
    return anzahl(m), f1 + f3 + f5 + channels
