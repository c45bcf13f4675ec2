"""The gradient of the whole output."""
# expect: misconception all classes at once
# %% saliency_solution
def saliency(model, image, label):
    pixels = tf.convert_to_tensor(image[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        y = scores(model, pixels)
    gradient = tape.gradient(y, pixels)[0].numpy()
    return np.abs(gradient).max(axis=-1)
