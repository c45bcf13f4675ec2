"""A ReLU at the end."""
# expect: misconception ReLU too early
# %% conv1x1_solution
def conv1x1(image, weights, bias):
    """The 1x1 convolution of an image (H, W, C) with weights (C, F) and bias (F,): (H, W, F), float64."""
    return np.maximum(np.asarray(image, dtype=float) @ weights + bias, 0)
