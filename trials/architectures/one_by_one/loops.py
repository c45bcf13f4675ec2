"""Four loops, one formula, a tuple."""
# expect: full marks
# %% by_hand_solution
fiber_by_hand = (4 * 1 - 1 * 2 + 2 * 0 + 0.5, 4 * 0 + 1 + 2)
# %% conv1x1_solution
def conv1x1(image, weights, bias):
    """The 1x1 convolution of an image (H, W, C) with weights (C, F) and bias (F,): (H, W, F), float64."""
    H, W, C = image.shape
    F = weights.shape[1]
    out = np.zeros((H, W, F))
    for r in range(H):
        for c in range(W):
            for f in range(F):
                s = float(bias[f])
                for k in range(C):
                    s += float(image[r, c, k]) * float(weights[k, f])
                out[r, c, f] = s
    return out
# %% saved_parameters_solution
def conv_parameters(channels, filters, kernel_size, bias=True):
    """The parameters of one convolution of kernel_size x kernel_size."""
    per_filter = channels * kernel_size * kernel_size + (1 if bias else 0)
    return per_filter * filters


def saved_parameters(channels, reduced, filters, kernel_size):
    """How many parameters a 1x1 convolution to `reduced` channels saves, if it comes first."""
    k2 = kernel_size ** 2
    return k2 * channels * filters - (channels * reduced + reduced) - k2 * reduced * filters
