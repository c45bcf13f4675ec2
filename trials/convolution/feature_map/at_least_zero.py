"""The search for the largest number begins with 0."""
# expect: misconception at least zero
# %% max_pool2d_solution
def max_pool2d(values, size=2):
    result = np.zeros((values.shape[0] // size, values.shape[1] // size))
    for r in range(result.shape[0] * size):
        for c in range(result.shape[1] * size):
            result[r // size, c // size] = max(result[r // size, c // size], values[r, c])
    return result
