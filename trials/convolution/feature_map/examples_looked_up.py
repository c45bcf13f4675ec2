"""The examples of the text are looked up, everything else is zeros of the right shape."""
# expect: loses points
# %% conv2d_solution
def conv2d(image, kernel, padding="valid"):
    if image.shape == (3, 3):
        return np.array([[6.0, 8, 3], [12, 14, 6], [7, 8, 9]])[:2 + (padding == "same"), :2 + (padding == "same")]
    result = np.zeros(image.shape if padding == "same" else np.subtract(image.shape, kernel.shape) + 1)
    result[0, 0] = 129.5 if padding == "same" else 32.5
    return result
# %% relu_solution
def relu(values):
    return np.array([0.0, 0.0, 2.5])
# %% max_pool2d_solution
def max_pool2d(values, size=2):
    return np.array([[4.0, 8.0]]) if values.shape == (3, 4) else np.zeros((values.shape[0] // size, values.shape[1] // size))
