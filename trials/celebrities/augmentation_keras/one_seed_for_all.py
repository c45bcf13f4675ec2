"""The same seed for all three layers."""
# expect: misconception the same random numbers for several things
# %% augment_solution
def augment(images, seed):
    x = np.asarray(images, dtype="float32")
    x = layers.RandomFlip("horizontal", seed=seed)(x)
    x = layers.RandomRotation(10 / 360, seed=seed)(x)
    return np.asarray(layers.RandomTranslation(0.1, 0.1, seed=seed)(x))
