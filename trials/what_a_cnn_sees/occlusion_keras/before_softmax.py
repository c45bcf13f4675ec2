"""The scores before the softmax."""
# expect: misconception before the softmax
# %% occlusion_map_solution
def occlusion_map(model, image, label, mask, stride, grey=0.5):
    height, width = image.shape[1:] if framework == "torch" else image.shape[:2]
    rows, columns = positions(height, width, mask, stride)
    covered = np.stack([occlude(image, r * stride, c * stride, mask, grey) for r in range(rows) for c in range(columns)])
    scores = keras.Model(model.inputs, model.layers[-2].output)(np.concatenate([image[None], covered])).numpy()
    return np.asarray(scores[0, label] - scores[1:, label]).reshape(rows, columns)
