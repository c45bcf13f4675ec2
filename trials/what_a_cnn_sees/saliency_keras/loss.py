"""The gradient of the cross-entropy."""
# expect: misconception the loss's gradient
# %% saliency_solution
def saliency(model, image, label):
    pixels = tf.convert_to_tensor(image[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        y = -tf.math.log(model(pixels)[0, label])
    gradient = tape.gradient(y, pixels)[0].numpy()
    return np.abs(gradient).max(axis=-1)
