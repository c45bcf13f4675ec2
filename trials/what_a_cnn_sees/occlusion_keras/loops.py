"""Two loops, one image at a time; a truth table for the square."""
# expect: full marks
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    """np.where with a truth table."""
    r = np.arange(image.shape[0])[:, None, None]
    c = np.arange(image.shape[1])[None, :, None]
    inside = (r >= top) & (r < top + mask) & (c >= left) & (c < left + mask)
    return np.where(inside, np.asarray(grey, dtype=image.dtype), image)
# %% occlusion_map_solution
def occlusion_map(model, image, label, mask, stride, grey=0.5):
    """One position after the other, one image at a time."""
    height, width = image.shape[:2]
    rows, columns = positions(height, width, mask, stride)
    before = probabilities(model, image[None])[0, label]
    result = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            image_ = occlude(image, i * stride, j * stride, mask, grey)
            result[i][j] = float(before - probabilities(model, image_.reshape(1, height, width, 3))[0, label])
    return np.array(result)
