"""One more for every mini-batch, so that the next epoch meets the same seeds."""
# expect: misconception draws that come again
# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    order = np.random.default_rng(seed).permutation(len(images)) if training else np.arange(len(images))
    pairs = []
    for number, i in enumerate(range(0, len(images), batch_size)):
        part = images[order[i:i + batch_size]]
        part = augment(part, seed + number) if training else np.asarray(part, dtype="float32")
        pairs.append((part, labels[order[i:i + batch_size]]))
    return pairs
