"""As for many other networks: divided by 255."""
# expect: misconception pixels from 0 to 1
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return torch.tensor((x / np.float32(255)).astype('float32')).permute(0, 3, 1, 2)
