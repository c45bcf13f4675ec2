"""One angle, one shift and one flip for the whole batch."""
# expect: misconception one draw for the whole batch
# %% augment_solution
def augment(images, seed):
    from scipy import ndimage
    rng = np.random.default_rng(seed)
    x = np.asarray(images, dtype="float32")
    x = ndimage.rotate(x, rng.uniform(-10, 10), axes=(1, 2), reshape=False, order=1, mode="nearest")
    dy, dx = rng.uniform(-0.1, 0.1, 2) * x.shape[1]
    x = ndimage.shift(x, (0, dy, dx, 0), order=1, mode="nearest")
    return x[:, :, ::-1].copy() if rng.random() < 0.5 else x
