"""VGG range, and divided by 255 on top."""
# expect: misconception divided by 255
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return np.ascontiguousarray((x[..., ::-1] - np.array([103.939, 116.779, 123.68], dtype='float32')) / np.float32(255))
