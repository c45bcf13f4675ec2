"""Pictures in the given order in every epoch."""
# expect: misconception the same order in every epoch
# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    images = augment(images, seed) if training else np.asarray(images, dtype="float32")
    return [(images[i:i + batch_size], labels[i:i + batch_size]) for i in range(0, len(images), batch_size)]
