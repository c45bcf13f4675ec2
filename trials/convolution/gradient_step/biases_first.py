"""First the biases, then the weights at the new biases."""
# expect: misconception gradient at the new place
# %% step_solution
def step(x, w, b, y, rate):
    b = b - rate * gradients(x, w, b, y)[1]
    w = w - rate * gradients(x, w, b, y)[0]
    return w, b
