"""var in place of std."""
# expect: misconception variance
# %% standardize_solution
x_mean = x_train.mean(axis=0)
x_std = x_train.var(axis=0)


def standardize(images):
    return as_input((images - x_mean) / (x_std + 0.0001))
