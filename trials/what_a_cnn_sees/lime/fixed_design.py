"""The same design, whatever seed."""
# expect: loses points
# %% design_matrix_solution
def design_matrix(number, superpixels, seed):
    x = np.random.default_rng(0).integers(0, 2, size=(number, superpixels))
    x[0] = 1
    return x
