"""Bloecke in Bloecken, deutsche Kommentare."""
# expect: full marks
# %% model_solution
torch.manual_seed(seed)


def block(ein, aus):
    # Faltung, Normierung, ReLU
    return nn.Sequential(nn.Conv2d(ein, aus, 3, padding="same"), nn.BatchNorm2d(aus), nn.ReLU())


model = nn.Sequential(
    nn.Sequential(block(1, 8), block(8, 8), nn.MaxPool2d(2)),
    nn.Sequential(block(8, 16), block(16, 16), nn.MaxPool2d(2)),
    # der Kopf
    nn.Sequential(nn.Flatten(), nn.Linear(16 * 7 * 7, 40), nn.BatchNorm1d(40), nn.Dropout(0.3), nn.ReLU(), nn.Linear(40, 10)),
)
