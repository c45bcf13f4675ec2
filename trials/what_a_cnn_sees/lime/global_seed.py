"""The global generator, seeded once when the cell runs."""
# expect: loses points
# %% design_matrix_solution
np.random.seed(seed)

def design_matrix(number, superpixels, seed):
    x = np.random.randint(0, 2, size=(number, superpixels))
    x[0] = 1
    return x
