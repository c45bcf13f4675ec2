"""A model that ends one layer earlier, and variables instead of watched tensors."""
# expect: full marks
# %% scores_solution
def scores(model, images):
    """Everything up to the last layer but one."""
    return keras.Model(model.inputs, model.layers[-2].output)(images)
# %% saliency_solution
def saliency(model, image, label):
    """The gradient by a variable that holds the image."""
    x = tf.Variable(np.expand_dims(image, 0))
    with tf.GradientTape() as tape:
        y = tf.gather(scores(model, x), label, axis=1)
    g = tf.squeeze(tape.gradient(y, x), 0)
    return tf.reduce_max(tf.abs(g), axis=2).numpy()
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    """gather takes one column of each row."""
    x = tf.Variable(images)
    with tf.GradientTape() as tape:
        y = tf.gather(scores(model, x), labels, axis=1, batch_dims=1)
    return tf.reduce_max(tf.abs(tape.gradient(y, x)), axis=3).numpy()
