"""Draws anew whenever it is called."""
# expect: misconception another draw for the same seed
# %% augment_solution
def augment(images, seed):
    x = np.asarray(images, dtype="float32")
    x = layers.RandomFlip("horizontal")(x)
    x = layers.RandomRotation(10 / 360)(x)
    return np.asarray(layers.RandomTranslation(0.1, 0.1)(x))
