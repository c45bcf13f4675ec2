"""Without the given helper: the framework's own tensors all the way."""
# expect: full marks
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    new = np.empty_like(image)
    new[:] = image
    for channel in range(image.shape[-1]):
        new[top:top + mask, left:left + mask, channel] = np.full((mask, mask), grey)
    return new
# %% occlusion_map_solution
def occlusion_map(model, image, label, mask, stride, grey=0.5):
    tops, lefts = (np.arange(0, size - mask + 1, stride) for size in image.shape[:2])
    everything = [image] + [occlude(image, t, l, mask, grey) for t in tops for l in lefts]
    p = model(keras.ops.stack(everything), training=False)[:, label]
    return keras.ops.reshape(p[0] - p[1:], (len(tops), len(lefts)))
