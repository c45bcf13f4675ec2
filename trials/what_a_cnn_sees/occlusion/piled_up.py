"""The masks are never taken away."""
# expect: misconception masks pile up
# %% occlusion_map_solution
def occlusion_map(model, image, label, mask, stride, grey=0.5):
    height, width = image.shape[1:] if framework == "torch" else image.shape[:2]
    rows, columns = positions(height, width, mask, stride)
    before = probabilities(model, image[np.newaxis])[0, label]
    covered = image.copy()
    drops = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            covered = occlude(covered, row * stride, column * stride, mask, grey)
            drops[row, column] = before - probabilities(model, covered[np.newaxis])[0, label]
    return drops
