"""Averaged over the channels."""
# expect: misconception mean instead of sum
# %% conv1x1_solution
def conv1x1(image, weights, bias):
    """The 1x1 convolution of an image (H, W, C) with weights (C, F) and bias (F,): (H, W, F), float64."""
    return np.asarray(image, dtype=float) @ weights / image.shape[2] + bias
