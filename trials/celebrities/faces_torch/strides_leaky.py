"""Strides for pooling, LeakyReLU, one nested Sequential after the other."""
# expect: full marks
# %% prepare_solution
def prepare(images):
    pixels = torch.as_tensor(np.asarray(images)).to(torch.float32)
    return pixels.div(127.5).sub(1.0).movedim(3, 1).contiguous()

# %% fcn_solution
torch.manual_seed(seed)
fcn = nn.Sequential(nn.Flatten(), nn.LazyLinear(120), nn.BatchNorm1d(120), nn.LeakyReLU(), nn.Dropout(0.1), nn.Linear(120, 8))
fcn(prepare(x_train[:4]))

# %% cnn_solution
torch.manual_seed(seed)
def block(a, b, stride):
    return nn.Sequential(nn.Conv2d(a, b, 3, stride=stride, padding=1), nn.BatchNorm2d(b), nn.LeakyReLU(0.1))
cnn = nn.Sequential(block(3, 16, 2), block(16, 24, 2), block(24, 32, 2), nn.Flatten(), nn.Linear(32 * 36, 40), nn.LeakyReLU(), nn.Linear(40, 8))
