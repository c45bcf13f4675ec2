"""Divided by N, and then the mean."""
# expect: misconception divided twice
# %% gradients_solution
def gradients(x, w, b, y):
    by_logits = (softmax(dense(x, w, b)) - y) / len(x)
    return x.T @ by_logits / len(x), by_logits.mean(axis=0)
