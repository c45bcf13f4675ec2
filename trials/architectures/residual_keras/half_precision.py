"""float16 loses the plain gradient."""
# expect: loses points
# %% gradient_solution
def first_gradient(weights, x, residual):
    variables = [tf.constant(w.astype("float16")) for w in weights]
    h = tf.constant(x.astype("float16"))
    with tf.GradientTape() as tape:
        tape.watch(variables[0])
        for w in variables:
            step = tf.tanh(h @ w)
            h = h + step if residual else step
        cost = tf.reduce_mean(tf.reduce_sum(h, axis=1))
    return tape.gradient(cost, variables[0]).numpy()


def gradient_norms(weights, x):
    plain = np.linalg.norm(first_gradient(weights, x, False))
    return float(plain), float(np.linalg.norm(first_gradient(weights, x, True)))
