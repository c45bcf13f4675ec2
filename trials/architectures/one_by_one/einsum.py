"""Einstein sums, NumPy numbers, German comments."""
# expect: full marks
# %% by_hand_solution
gewichte = np.array([[1, 0], [2, -1], [0, 1]])
fiber_by_hand = np.array([4, -1, 2]) @ gewichte + np.array([0.5, 0])
# %% conv1x1_solution
def conv1x1(image, weights, bias):
    """The 1x1 convolution of an image (H, W, C) with weights (C, F) and bias (F,): (H, W, F), float64."""
    # jede Faser mal Gewichte
    return np.einsum("hwc,cf->hwf", image.astype(float), weights.astype(float)) + bias
# %% saved_parameters_solution
def conv_parameters(channels, filters, kernel_size, bias=True):
    """The parameters of one convolution of kernel_size x kernel_size."""
    return np.prod([kernel_size, kernel_size, channels, filters]) + filters * int(bias)


def saved_parameters(channels, reduced, filters, kernel_size):
    """How many parameters a 1x1 convolution to `reduced` channels saves, if it comes first."""
    # direkter Weg minus Umweg
    return (conv_parameters(channels, filters, kernel_size)
            - (conv_parameters(channels, reduced, 1) + conv_parameters(reduced, filters, kernel_size)))
