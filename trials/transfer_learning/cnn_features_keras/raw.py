"""Resized only."""
# expect: misconception raw pixels
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return np.ascontiguousarray(x)
