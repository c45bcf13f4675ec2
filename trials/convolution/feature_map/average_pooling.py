"""The mean of each window."""
# expect: misconception average pooling
# %% max_pool2d_solution
def max_pool2d(values, size=2):
    rows, columns = values.shape[0] // size, values.shape[1] // size
    return np.array([[values[r * size:(r + 1) * size, c * size:(c + 1) * size].mean() for c in range(columns)] for r in range(rows)])
