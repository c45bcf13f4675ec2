"""Convolutions without padding, dropout, and lists of layers."""
# expect: full marks
# %% prepare_solution
def prepare(images):
    x = torch.FloatTensor(np.array(images, dtype=np.float32))
    x = torch.transpose(torch.transpose(x, 2, 3), 1, 2)
    return (x - 127.5) * (1 / 127.5)

# %% fcn_solution
torch.manual_seed(seed)
parts = [nn.Flatten()]
for a, b in [(6912, 100), (100, 40)]:
    parts += [nn.Linear(a, b), nn.ELU()]
fcn = nn.Sequential(*parts, nn.Linear(40, 8))

# %% cnn_solution
torch.manual_seed(seed)
parts = []
for a, b in [(3, 16), (16, 24), (24, 32)]:
    parts += [nn.Conv2d(a, b, (3, 3)), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d((2, 2))]
cnn = nn.Sequential(*parts, nn.Flatten(), nn.Linear(32 * 4 * 4, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 8))
