"""A slip: gradient of the last layer."""
# expect: misconception gradient of the last layer
# %% gradient_solution
def first_gradient(weights, x, residual):
    variables = [tf.constant(w) for w in weights]
    h = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(variables[-1])
        for w in variables:
            step = tf.tanh(h @ w)
            h = h + step if residual else step
        cost = tf.reduce_mean(tf.reduce_sum(h, axis=1))
    return tape.gradient(cost, variables[-1]).numpy()


def gradient_norms(weights, x):
    plain = np.linalg.norm(first_gradient(weights, x, False))
    return float(plain), float(np.linalg.norm(first_gradient(weights, x, True)))
