"""Own sampling of the nearest pixel, without grid_sample; indices worked out with NumPy."""
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
    i = np.clip(np.rint(x + m), 0, s - 1).astype(int)
    j = np.clip(np.rint(y + m), 0, s - 1).astype(int)
    k = np.arange(n)[:, None, None]
    return torch.tensor(images.transpose(0, 2, 3, 1)[k, j, i].transpose(0, 3, 1, 2).copy())
