"""Shuffles the validation pictures, too."""
# expect: misconception validation pictures are shuffled
# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    order = np.random.default_rng(seed).permutation(len(images))
    images, labels = images[order], labels[order]
    images = augment(images, seed) if training else np.asarray(images, dtype="float32")
    return [(images[i:i + batch_size], labels[i:i + batch_size]) for i in range(0, len(images), batch_size)]
