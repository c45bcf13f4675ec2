"""VGG range, and divided by 255 on top."""
# expect: misconception divided by 255
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return torch.tensor(((x[..., ::-1] - np.array([103.939, 116.779, 123.68], dtype='float32')) / np.float32(255)).astype('float32')).permute(0, 3, 1, 2)
