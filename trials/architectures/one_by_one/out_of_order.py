"""Weights brought into shape by reshape."""
# expect: misconception weights out of order
# %% conv1x1_solution
def conv1x1(image, weights, bias):
    """The 1x1 convolution of an image (H, W, C) with weights (C, F) and bias (F,): (H, W, F), float64."""
    w = weights.reshape(weights.shape[1], weights.shape[0])
    return np.einsum("hwc,fc->hwf", np.asarray(image, dtype=float), w) + bias
