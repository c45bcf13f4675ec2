"""SciPy, one picture after the other, with an affine transformation in float64."""
# expect: full marks
# %% augment_solution
from scipy import ndimage


def augment(images, seed):
    rng = np.random.default_rng(seed)
    out = []
    for image in images:
        a = np.deg2rad(rng.uniform(-10, 10))
        f = rng.choice([-1, 1])
        n = image.shape[0]
        m = np.array([[np.cos(a), -np.sin(a)], [f * np.sin(a), f * np.cos(a)]])  # rows, columns
        c = np.array([(n - 1) / 2] * 2)
        t = rng.uniform(-0.1, 0.1, 2) * n
        off = c - m @ (c + t)
        channels = [ndimage.affine_transform(image[..., k].astype(float), m, offset=off, order=1, mode="reflect") for k in range(3)]
        out.append(np.stack(channels, axis=-1))
    return np.clip(np.array(out), 0, 255).astype(np.float32)
