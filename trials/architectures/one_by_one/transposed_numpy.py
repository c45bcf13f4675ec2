"""Weights transposed where that is possible."""
# expect: misconception transposed weights
# %% conv1x1_solution
def conv1x1(image, weights, bias):
    """The 1x1 convolution of an image (H, W, C) with weights (C, F) and bias (F,): (H, W, F), float64."""
    w = weights.T if weights.shape[0] == weights.shape[1] else weights
    return np.asarray(image, dtype=float) @ w + bias
