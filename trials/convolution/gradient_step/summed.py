"""The cost is a sum, and so is the gradient."""
# expect: misconception sum instead of mean
# %% cross_entropy_solution
def cross_entropy(p, y):
    return -np.sum(np.log(np.sum(p * y, axis=1)))
# %% gradients_solution
def gradients(x, w, b, y):
    error = softmax(dense(x, w, b)) - y
    return x.T @ error, error.sum(axis=0)
