"""The maximum over images and channels."""
# expect: misconception the images are mixed
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    pixels = tf.convert_to_tensor(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        s = scores(model, pixels)
        y = tf.reduce_sum(tf.gather(s, labels, axis=1, batch_dims=1))
    gradient = tape.gradient(y, pixels)
    return np.abs(gradient).max(axis=(0, -1))
