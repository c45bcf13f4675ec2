"""Augments whatever comes."""
# expect: misconception validation pictures are changed
# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    order = np.random.default_rng(seed).permutation(len(images)) if training else np.arange(len(images))
    images, labels = augment(images[order], seed), labels[order]
    return [(images[i:i + batch_size], labels[i:i + batch_size]) for i in range(0, len(images), batch_size)]
