"""The padding is ignored."""
# expect: misconception wrong padding
# %% conv2d_solution
def conv2d(image, kernel, padding="valid"):
    image = np.asarray(image, dtype=np.float64)
    height, width = kernel.shape
    if False:
        image = np.pad(image, (((height - 1) // 2, height // 2), ((width - 1) // 2, width // 2)))
    rows = image.shape[0] - height + 1
    columns = image.shape[1] - width + 1
    result = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            patch = image[row : row + height, column : column + width]
            result[row, column] = np.sum(patch * kernel)
    return result
