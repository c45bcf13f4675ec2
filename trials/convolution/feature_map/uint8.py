"""Pixel by pixel in the pixels' own type, which wraps around."""
# expect: misconception integer overflow
# %% conv2d_solution
def conv2d(image, kernel, padding="valid"):
    h, w = kernel.shape
    if padding == "same":
        image = np.pad(image, (((h - 1) // 2, h // 2), ((w - 1) // 2, w // 2)))
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    result = np.zeros((rows, columns))
    with np.errstate(over="ignore"):
        for r in range(rows):
            for c in range(columns):
                total = 0
                for i in range(h):
                    for j in range(w):
                        total += kernel[i, j] * image[r + i, c + j]
                result[r, c] = total
    return result
