"""Computed in the type of the image."""
# expect: misconception integer overflow
# %% conv1x1_solution
def conv1x1(image, weights, bias):
    """The 1x1 convolution of an image (H, W, C) with weights (C, F) and bias (F,): (H, W, F), float64."""
    return (image @ weights + bias)
