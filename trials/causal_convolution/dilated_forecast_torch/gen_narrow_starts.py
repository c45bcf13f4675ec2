"""Starts between 0 and 1."""
# expect: loses points
# %% gen_data_solution
def gen_data(size, noise, seed):
    rng = np.random.default_rng(seed)
    start = rng.random((size, 1))
    u = np.arange(steps) / (steps - 1)
    series = np.sin(start + 20 * np.pi * u) * np.sin(start + np.pi * u) + rng.normal(0, noise, (size, steps))
    series = series.astype("float32")[:, None, :]
    return series[:, :, :seen], series[:, :, seen:]

