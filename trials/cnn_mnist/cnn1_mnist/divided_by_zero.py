"""Without the small number."""
# expect: loses points
# %% standardize_solution
x_mean = x_train.mean(axis=0)
x_std = x_train.std(axis=0)


def standardize(images):
    with np.errstate(all='ignore'):
        return as_input((images - x_mean) / x_std)
