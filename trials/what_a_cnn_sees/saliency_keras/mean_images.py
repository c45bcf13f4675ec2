"""The mean of the scores instead of their sum."""
# expect: misconception the mean over the images
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    pixels = tf.convert_to_tensor(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        s = scores(model, pixels)
        y = tf.reduce_mean(tf.gather(s, labels, axis=1, batch_dims=1))
    gradient = tape.gradient(y, pixels)
    return np.abs(gradient).max(axis=-1)
