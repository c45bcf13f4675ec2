"""The gradient is not averaged; the cost is."""
# expect: misconception gradient of the sum
# %% gradients_solution
def gradients(x, w, b, y):
    by_logits = (softmax(dense(x, w, b)) - y)
    return x.T @ by_logits, np.sum(by_logits, axis=0)
