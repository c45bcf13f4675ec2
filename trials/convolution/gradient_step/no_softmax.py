"""The logits are compared with the labels."""
# expect: misconception no softmax
# %% gradients_solution
def gradients(x, w, b, y):
    by_logits = (dense(x, w, b) - y) / len(x)
    return x.T @ by_logits, np.sum(by_logits, axis=0)
