"""Own bilinear sampling with NumPy, without grid_sample."""
# expect: full marks
# %% augment_solution
def augment(images, seed):
    rng = np.random.default_rng(seed)
    images = np.asarray(images, dtype=np.float32)
    n, _, s, _ = images.shape
    phi = np.radians(rng.uniform(-10, 10, n))[:, None, None]
    dx, dy = (rng.uniform(-0.1, 0.1, n)[:, None, None] * s for _ in range(2))
    mirror = np.where(rng.random(n) < 0.5, -1, 1)[:, None, None]
    m = (s - 1) / 2
    ys, xs = np.mgrid[:s, :s] - m
    x, y = xs - dx, ys - dy
    x, y = x * np.cos(phi) + y * np.sin(phi), y * np.cos(phi) - x * np.sin(phi)
    x = x * mirror
    x, y = np.clip(x + m, 0, s - 1.001), np.clip(y + m, 0, s - 1.001)
    i, j = x.astype(int), y.astype(int)
    k = np.arange(n)[:, None, None]
    p = images.transpose(0, 2, 3, 1)
    wx, wy = (x - i)[..., None], (y - j)[..., None]
    top = p[k, j, i] * (1 - wx) + p[k, j, i + 1] * wx
    low = p[k, j + 1, i] * (1 - wx) + p[k, j + 1, i + 1] * wx
    return torch.tensor((top * (1 - wy) + low * wy).transpose(0, 3, 1, 2).astype(np.float32))
