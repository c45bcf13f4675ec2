"""The probability that is left."""
# expect: misconception the score instead of its fall
# %% occlusion_map_solution
def occlusion_map(model, image, label, mask, stride, grey=0.5):
    height, width = image.shape[1:] if framework == "torch" else image.shape[:2]
    rows, columns = positions(height, width, mask, stride)
    before = probabilities(model, image[np.newaxis])[0, label]
    drops = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            covered = occlude(image, row * stride, column * stride, mask, grey)
            drops[row, column] = probabilities(model, covered[np.newaxis])[0, label]
    return drops
