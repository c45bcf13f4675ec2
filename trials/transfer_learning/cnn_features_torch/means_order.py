"""Blue first, but the mean of red is subtracted from it."""
# expect: misconception means in the wrong order
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return torch.tensor((x[..., ::-1] - np.array([123.68, 116.779, 103.939], dtype='float32')).astype('float32')).permute(0, 3, 1, 2)
