"""RandomRotation(0.1) is 36 degrees."""
# expect: misconception turned too far
# %% augment_solution
def augment(images, seed):
    x = np.asarray(images, dtype="float32")
    x = layers.RandomFlip("horizontal", seed=seed)(x)
    x = layers.RandomRotation(0.1, seed=seed + 1)(x)
    return np.asarray(layers.RandomTranslation(0.1, 0.1, seed=seed + 2)(x))
