"""Blue first, and that is all."""
# expect: misconception means not subtracted
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return np.ascontiguousarray(x[..., ::-1])
