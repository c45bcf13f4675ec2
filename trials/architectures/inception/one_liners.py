"""As short as it gets: comprehensions, dstack, and a helper with a default."""
# expect: full marks
# %% depth_concat_solution
def depth_concat(tensors):
    H, W, _ = np.max([t.shape for t in tensors], axis=0)
    half = lambda m: (m // 2, -(-m // 2))
    return np.dstack([np.pad(t, [half(H - t.shape[0]), half(W - t.shape[1]), (0, 0)]) for t in tensors])
# %% counting_solution
conv = lambda c, f, k=1: (k**2 * c + 1) * f
count_inception = lambda channels, f1, r3, f3, r5, f5, fp: np.array([
    conv(channels, f1 + r3 + r5 + fp) + conv(r3, f3, 3) + conv(r5, f5, 5), f1 + f3 + f5 + fp])
count_naive = lambda channels, f1, f3, f5: np.array([conv(channels, f1) + conv(channels, f3, 3) + conv(channels, f5, 5), f1 + f3 + f5 + channels])
