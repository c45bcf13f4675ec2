"""The search takes the largest response."""
# expect: misconception the brightest place
# %% find_solution
def find(image, kernel):
    h, w = kernel.shape
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), (h, w))
    loud = (windows * kernel).sum(axis=(2, 3))
    return np.unravel_index(loud.argmax(), loud.shape)
