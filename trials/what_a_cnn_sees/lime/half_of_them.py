"""Exactly half of the super-pixels in every row."""
# expect: loses points
# %% design_matrix_solution
def design_matrix(number, superpixels, seed):
    rng = np.random.default_rng(seed)
    row = np.arange(superpixels) % 2
    return np.stack([np.ones_like(row)] + [rng.permutation(row) for _ in range(number - 1)])
