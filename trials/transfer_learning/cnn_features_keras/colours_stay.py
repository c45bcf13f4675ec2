"""The means in the order of the text, the colours not."""
# expect: misconception colours without their means
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return np.ascontiguousarray(x - np.array([103.939, 116.779, 123.68], dtype='float32'))
