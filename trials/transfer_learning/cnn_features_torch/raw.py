"""Resized only."""
# expect: misconception raw pixels
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return torch.tensor((x).astype('float32')).permute(0, 3, 1, 2)
