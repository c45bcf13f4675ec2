"""Plain loops over channels and images; double precision at the end."""
# expect: full marks
# %% saliency_solution
def saliency(model, image, label):
    """One channel after the other."""
    tensor = tf.convert_to_tensor(image.copy().reshape((1, 28, 28, 3)))
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        everything = scores(model, tensor)
        score = everything[0][label]
    gradient = np.array(tape.gradient(score, tensor), dtype=np.float64)
    result = np.zeros((28, 28))
    for row in range(28):
        for column in range(28):
            best = 0.0
            for channel in range(3):
                if abs(gradient[0, row, column, channel]) > best:
                    best = abs(gradient[0, row, column, channel])
            result[row, column] = best
    return result
# %% saliency_batch_solution
def saliency_batch(model, images, labels):
    """All in one pass, the scores picked one by one."""
    tensor = tf.convert_to_tensor(images)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        everything = scores(model, tensor)
        total = 0.0
        for number in range(len(labels)):
            total = total + everything[number, labels[number]]
    gradient = np.array(tape.gradient(total, tensor))
    result = np.zeros((len(images), 28, 28))
    for channel in range(3):
        result = np.maximum(result, np.abs(gradient[:, :, :, channel]))
    return result
