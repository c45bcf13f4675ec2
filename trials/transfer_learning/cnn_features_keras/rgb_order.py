"""The colours stay in the order red, green, blue, each with its own mean."""
# expect: misconception RGB instead of BGR
# %% preprocess_solution
def preprocess(images):
    x = backbone.resize(images, side)
    return np.ascontiguousarray(x - np.array([123.68, 116.779, 103.939], dtype='float32'))
