"""The map is a sum of shifted images, one for each number of the kernel; the pooling compares slices."""
# expect: full marks
# %% conv2d_solution
def conv2d(image, kernel, padding="valid"):
    image = image.astype(float)
    (h, w), total = kernel.shape, 0.0
    if padding == "same":
        padded = np.zeros((image.shape[0] + h - 1, image.shape[1] + w - 1))
        padded[(h - 1) // 2:, (w - 1) // 2:][:image.shape[0], :image.shape[1]] = image
        image = padded
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    for i, row in enumerate(kernel.tolist()):
        for j, number in enumerate(row):
            total = total + number * image[i:i + rows, j:j + columns]
    return total
# %% relu_solution
def relu(values):
    return (np.abs(values) + values) / 2.0
# %% max_pool2d_solution
def max_pool2d(values, size=2):
    rows, columns = (n - n % size for n in values.shape)
    best = np.full((rows // size, columns // size), -np.inf)
    for i in range(size):
        for j in range(size):
            best = np.maximum(best, values[i:rows:size, j:columns:size])
    return best
# %% feature_map_same_solution
padded = np.pad(IMAGE, 1)
feature_map_same = conv2d(padded, KERNEL).tolist()
