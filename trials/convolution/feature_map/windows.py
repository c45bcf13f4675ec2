"""Sliding windows instead of loops; slices of slices for the pooling."""
# expect: full marks
# %% conv2d_solution
def conv2d(image, kernel, padding="valid"):
    h, w = kernel.shape
    if padding == "same":
        image = np.pad(image, [[(h - 1) // 2, h // 2], [(w - 1) // 2, w // 2]])
    windows = np.lib.stride_tricks.sliding_window_view(image, (h, w))
    return np.einsum("rcij,ij->rc", windows, kernel, dtype=np.float64)
# %% relu_solution
def relu(values):
    return values * (values > 0).astype(float)
# %% max_pool2d_solution
def max_pool2d(values, size=2):
    r, c = (n // size for n in values.shape)
    return values[: r * size, : c * size].reshape(r, size, c, size).max(axis=(1, 3)).astype(float)
# %% feature_map_solution
pooled = max_pool2d(activation := relu(feature_map := conv2d(IMAGE, KERNEL)))
