"""A slip: mean over the outputs."""
# expect: misconception mean over the outputs
# %% gradient_solution
def first_gradient(weights, x, residual):
    variables = [tf.constant(w) for w in weights]
    h = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(variables[0])
        for w in variables:
            step = tf.tanh(h @ w)
            h = h + step if residual else step
        cost = tf.reduce_mean(h)
    return tape.gradient(cost, variables[0]).numpy()


def gradient_norms(weights, x):
    plain = np.linalg.norm(first_gradient(weights, x, False))
    return float(plain), float(np.linalg.norm(first_gradient(weights, x, True)))
