"""log-sum-exp, argmax labels, outer products; German comments."""
# expect: full marks
# %% dense_solution
def dense(x, w, b):
    # Bias als weitere Eingabe, die immer 1 ist
    mit_eins = np.hstack([x, np.ones((len(x), 1))])
    return mit_eins @ np.vstack([w, b])
# %% softmax_solution
def softmax(z):
    m = z.max(1)[:, None]
    return np.exp(z - m - np.log(np.exp(z - m).sum(1))[:, None])
# %% cross_entropy_solution
def cross_entropy(p, y):
    return np.mean(-np.log(p[np.arange(len(p)), y.argmax(axis=1)]))
# %% gradients_solution
def gradients(x, w, b, y):
    fehler = softmax(dense(x, w, b)) - y
    # Mittel der aeusseren Produkte
    return np.mean([np.outer(a, e) for a, e in zip(x, fehler)], axis=0), fehler.mean(0)
# %% train_solution
weights, biases, losses = 0.0 * np.ones((2, 3)), 0.0 * np.ones(3), []
while len(losses) < 50:
    losses += [cross_entropy(softmax(dense(X, weights, biases)), Y)]
    (weights, biases) = step(X, weights, biases, Y, rate=0.5)
