"""The brightness of the covered part instead of any network."""
# expect: loses points
# %% occlusion_map_solution
def occlusion_map(model, image, label, mask, stride, grey=0.5):
    height, width = image.shape[1:] if framework == "torch" else image.shape[:2]
    rows, columns = positions(height, width, mask, stride)
    before = probabilities(model, image[np.newaxis])[0, label]
    drops = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            covered = occlude(image, row * stride, column * stride, mask, grey)
            drops[row, column] = image.mean() - covered.mean()
    return drops
