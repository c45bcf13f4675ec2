"""Divided by the number of all probabilities."""
# expect: misconception mean over the classes, too
# %% gradients_solution
def gradients(x, w, b, y):
    by_logits = (softmax(dense(x, w, b)) - y) / y.size
    return x.T @ by_logits, np.sum(by_logits, axis=0)
