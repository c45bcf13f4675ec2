"""Ein Sequential aus Schichten, deutsche Kommentare, Schleife über die Stapel."""
# expect: full marks
# %% harmless_solution
for_digits = ["small shift", "small rotation"]
for_faces = for_digits + ["horizontal flip"]

# %% augment_solution
def augment(images, seed):
    # drei Schichten, jede mit eigenem Startwert
    zufall = np.random.default_rng(seed)
    s = [int(zufall.integers(1, 2**31 - 1)) for _ in range(3)]
    schichten = keras.Sequential([
        layers.RandomTranslation(height_factor=(-0.1, 0.1), width_factor=(-0.1, 0.1), fill_mode="nearest", seed=s[0]),
        layers.RandomRotation((-10 / 360, 10 / 360), fill_mode="constant", seed=s[1]),
        layers.RandomFlip("horizontal", seed=s[2]),
    ])
    return keras.ops.convert_to_numpy(schichten(keras.ops.cast(images, "float32"), training=True))

# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    zufall = np.random.default_rng(seed)
    reihenfolge = np.arange(len(images))
    if training:
        zufall.shuffle(reihenfolge)
    stapel = []
    while len(reihenfolge) > 0:
        jetzt, reihenfolge = reihenfolge[:batch_size], reihenfolge[batch_size:]
        x = images[jetzt].astype("float32")
        if training:
            x = augment(x, int(zufall.integers(2**31)))
        stapel.append((x, labels[jetzt]))
    return stapel
