"""The class that the network prefers, whatever was asked."""
# expect: misconception the class that the network prefers
# %% saliency_solution
def saliency(model, image, label):
    pixels = tf.convert_to_tensor(image[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        y = tf.reduce_max(scores(model, pixels))
    gradient = tape.gradient(y, pixels)[0].numpy()
    return np.abs(gradient).max(axis=-1)
