"""The bias as a threshold that is subtracted."""
# expect: misconception bias subtracted
# %% conv1x1_solution
def conv1x1(image, weights, bias):
    """The 1x1 convolution of an image (H, W, C) with weights (C, F) and bias (F,): (H, W, F), float64."""
    return np.asarray(image, dtype=float) @ weights - bias
