"""As in the lecture's snippet: both flips."""
# expect: misconception vertical flip
# %% augment_solution
def augment(images, seed):
    x = np.asarray(images, dtype="float32")
    x = layers.RandomFlip("horizontal_and_vertical", seed=seed)(x)
    x = layers.RandomRotation(10 / 360, seed=seed + 1)(x)
    return np.asarray(layers.RandomTranslation(0.1, 0.1, seed=seed + 2)(x))
