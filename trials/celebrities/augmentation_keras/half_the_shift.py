"""Five percent to either side make ten in all."""
# expect: misconception half the shift
# %% augment_solution
def augment(images, seed):
    x = np.asarray(images, dtype="float32")
    x = layers.RandomFlip("horizontal", seed=seed)(x)
    x = layers.RandomRotation(10 / 360, seed=seed + 1)(x)
    return np.asarray(layers.RandomTranslation(0.05, 0.05, seed=seed + 2)(x))
