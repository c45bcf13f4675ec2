"""Calculates in the type of its input."""
# expect: loses points
# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    x, kernel = np.asarray(x), np.asarray(kernel)
    reach = (len(kernel) - 1) * dilation
    padded = np.concatenate([np.zeros(reach, dtype=x.dtype), x])
    y = np.zeros(len(x), dtype=x.dtype)
    for i in range(len(kernel)):
        y += kernel[i] * padded[i * dilation : i * dilation + len(x)]
    return y

