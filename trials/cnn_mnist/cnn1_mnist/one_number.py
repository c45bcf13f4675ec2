"""One mean and one spread for all pixels."""
# expect: misconception one number for all pixels
# %% standardize_solution
x_mean = np.full((28, 28), x_train.mean())
x_std = np.full((28, 28), x_train.std())


def standardize(images):
    return as_input((images - x_mean) / (x_std + 0.0001))
