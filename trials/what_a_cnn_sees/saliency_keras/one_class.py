"""The first image's class for all of them."""
# expect: misconception one class for all images
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    pixels = tf.convert_to_tensor(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        s = scores(model, pixels)
        y = tf.reduce_sum(s[:, labels[0]])
    gradient = tape.gradient(y, pixels)
    return np.abs(gradient).max(axis=-1)
