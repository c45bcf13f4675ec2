"""Mit NumPy gezogen, Matrizen einzeln gebaut, deutsche Kommentare."""
# expect: full marks
# %% harmless_solution
for_faces = ("small shift", "small rotation", "horizontal flip")
for_digits = ("small shift", "small rotation")

# %% augment_solution
def augment(images, seed):
    zufall = np.random.default_rng(seed)
    bilder = torch.tensor(np.asarray(images), dtype=torch.float64)
    matrizen = []
    for _ in bilder:
        w = zufall.uniform(-10, 10) * np.pi / 180
        dreh = np.array([[np.cos(w), -np.sin(w), 0], [np.sin(w), np.cos(w), 0], [0, 0, 1]])
        schub = np.eye(3)
        schub[:2, 2] = zufall.uniform(-0.2, 0.2, 2)
        spiegel = np.diag([zufall.choice([-1, 1]), 1, 1])
        # erst schieben, dann drehen, dann spiegeln
        matrizen.append((schub @ dreh @ spiegel)[:2])
    gitter = F.affine_grid(torch.tensor(np.array(matrizen)), list(bilder.shape), align_corners=False)
    return F.grid_sample(bilder, gitter, mode="bilinear", padding_mode="reflection", align_corners=False).float().clamp(0, 255)

# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    zufall = np.random.default_rng([seed, 17])
    stapel = []
    reihenfolge = zufall.permutation(len(images)) if training else np.arange(len(images))
    for anfang in range(0, len(images), batch_size):
        teil = reihenfolge[anfang:anfang + batch_size]
        x = torch.tensor(images[teil]).float()
        if training:
            x = augment(x, int(zufall.integers(1_000_000_000)))
        stapel.append([x, torch.tensor(labels)[teil]])
    return stapel
