"""float32 throughout, standardized first, results through zip."""
# expect: full marks
# %% counting_solution
conv_parameters = lambda h, w, c, f: int(np.prod([h, w, c, f])) + f

# %% standardize_solution
train = x_train.astype(np.float32)
x_mean = np.mean(train, 0)
x_std = np.sqrt(np.mean(np.square(train - x_mean), axis=0))


def standardize(images):
    images = np.array(images, dtype=np.float32)
    images -= x_mean[None]
    images /= x_std[None] + np.float32(1e-4)
    return as_input(images)

# %% gap_solution
def overfitting_gap(history):
    return np.subtract(history["accuracy"], history["val_accuracy"]).tolist()


def after_training(history):
    *_, validation = history["val_accuracy"]
    *_, gap = overfitting_gap(history)
    return np.array([validation, gap])

# %% training_solution
(model, history), (raw_model, raw_history) = (
    fit(standardize(x_train), standardize(x_val)), fit(as_input(x_train), as_input(x_val))
)
