"""The notebook's network, whatever network is given."""
# expect: misconception the notebook's own network
# %% saliency_solution
def saliency(network, image, label):
    pixels = tf.convert_to_tensor(image[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        y = scores(model, pixels)[0, label]
    gradient = tape.gradient(y, pixels)[0].numpy()
    return np.abs(gradient).max(axis=-1)
