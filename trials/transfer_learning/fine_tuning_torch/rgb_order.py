"""The colours stay in the order red, green, blue, each with its own mean."""
# expect: misconception RGB instead of BGR
# %% preprocess_solution
side = backbone.SIDE[network]


def preprocess(images):
    x = backbone.resize(images, side)
    return torch.tensor((x - np.array([123.68, 116.779, 103.939], dtype='float32')).astype('float32')).permute(0, 3, 1, 2)
