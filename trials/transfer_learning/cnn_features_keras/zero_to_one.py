"""As for many other networks: divided by 255."""
# expect: misconception pixels from 0 to 1
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return np.ascontiguousarray(x / np.float32(255))
