"""The epoch as a tf.data pipeline; integer angles and whole pixels in the augmentation."""
# expect: full marks
# %% augment_solution
from scipy.ndimage import rotate, shift


def augment(images, seed):
    r = np.random.RandomState(seed)
    res = np.zeros(np.shape(images), dtype=np.float32)
    for i in range(len(images)):
        x = np.asarray(images[i], dtype=np.float32)
        most = int(0.1 * x.shape[0])
        dy, dx = r.randint(-most, most + 1), r.randint(-most, most + 1)
        x = shift(x, (dy, dx, 0), order=1, mode="nearest")
        x = rotate(x, r.randint(-10, 11), reshape=False, order=1, mode="nearest")
        if r.rand() < 0.5:
            x = np.fliplr(x)
        res[i] = np.clip(x, 0, 255)
    return res

# %% one_epoch_solution
def one_epoch(images, labels, seed, training=True, batch_size=32):
    import tensorflow as tf
    n = len(images)
    x = np.array(images, np.float32)
    y = np.array(labels)
    if training:
        p = np.random.RandomState(seed).permutation(n)
        x, y = augment(x[p], seed), y[p]
    return [(a.numpy(), b.numpy()) for a, b in tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)]
