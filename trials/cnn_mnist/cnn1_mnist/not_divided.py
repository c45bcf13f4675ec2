"""Centred only."""
# expect: misconception not divided
# %% standardize_solution
x_mean = x_train.mean(axis=0)
x_std = x_train.std(axis=0)


def standardize(images):
    return as_input(images - x_mean)
