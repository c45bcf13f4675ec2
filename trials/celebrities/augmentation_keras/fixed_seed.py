"""The seed of the notebook, whatever is asked for."""
# expect: misconception the seed does not matter
# %% augment_solution
def augment(images, seed):
    x = np.asarray(images, dtype="float32")
    x = layers.RandomFlip("horizontal", seed=1)(x)
    x = layers.RandomRotation(10 / 360, seed=2)(x)
    return np.asarray(layers.RandomTranslation(0.1, 0.1, seed=3)(x))
