"""y - p."""
# expect: misconception sign
# %% gradients_solution
def gradients(x, w, b, y):
    by_logits = (y - softmax(dense(x, w, b))) / len(x)
    return x.T @ by_logits, np.sum(by_logits, axis=0)
