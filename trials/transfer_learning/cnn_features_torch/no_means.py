"""Blue first, and that is all."""
# expect: misconception means not subtracted
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return torch.tensor((x[..., ::-1]).astype('float32')).permute(0, 3, 1, 2)
