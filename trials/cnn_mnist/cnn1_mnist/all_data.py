"""Statistics of training and validation images together."""
# expect: misconception statistics of all data
# %% standardize_solution
both = np.concatenate([x_train, x_val])
x_mean = both.mean(axis=0)
x_std = both.std(axis=0)


def standardize(images):
    return as_input((images - x_mean) / (x_std + 0.0001))
