"""Shuffles the pictures, and forgets the labels."""
# expect: misconception labels left behind
# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    if training:
        images = augment(images[np.random.default_rng(seed).permutation(len(images))], seed)
    return [(np.asarray(images[i:i + batch_size], dtype="float32"), labels[i:i + batch_size]) for i in range(0, len(images), batch_size)]
