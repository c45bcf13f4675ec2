"""The maximum first, the absolute value afterwards."""
# expect: misconception the absolute value comes too late
# %% saliency_solution
def saliency(model, image, label):
    pixels = tf.convert_to_tensor(image[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        y = scores(model, pixels)[0, label]
    gradient = tape.gradient(y, pixels)[0].numpy()
    return np.abs(gradient.max(axis=-1))
