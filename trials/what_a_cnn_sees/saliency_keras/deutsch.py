"""Mit deutschen Kommentaren, und der Rest des Netzes beim Namen genannt."""
# expect: full marks
# %% scores_solution
def scores(model, images):
    # bis zur Schicht, die "scores" heisst
    x = tf.cast(images, tf.float32)
    for schicht in model.layers:
        x = schicht(x)
        if schicht.name == "scores":
            return x
# %% saliency_solution
def saliency(model, image, label):
    # Startgradient: Eins fuer die Klasse, sonst null
    x = tf.constant(image, shape=(1, 28, 28, 3))
    with tf.GradientTape(watch_accessed_variables=False) as band:
        band.watch(x)
        y = scores(model, x)
    g = band.gradient(y, x, output_gradients=tf.one_hot([label], 10)).numpy()
    return np.maximum(g, -g)[0].max(-1)   # Betrag, dann groesster Kanal
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    x = tf.constant(images)
    with tf.GradientTape(watch_accessed_variables=False) as band:
        band.watch(x)
        y = scores(model, x)
    g = band.gradient(y, x, output_gradients=tf.one_hot(labels, 10)).numpy()
    return np.maximum(g, -g).max(-1)
