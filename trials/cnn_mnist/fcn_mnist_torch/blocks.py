"""Blocks in blocks, put together by a function; numpy until the last moment."""
# expect: full marks
# %% to_rows_solution
def to_rows(images):
    flat = np.stack([image.ravel() for image in images]).astype(np.float32) / 255.0
    return torch.as_tensor(flat)

# %% model_solution
def block(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.Dropout(p=0.3), nn.ReLU())


def make_model():
    return nn.Sequential(block(784, 500), block(500, 50), nn.Linear(50, 10))
