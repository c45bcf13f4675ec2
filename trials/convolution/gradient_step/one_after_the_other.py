"""First the weights, then the biases at the new weights."""
# expect: misconception gradient at the new place
# %% step_solution
def step(x, w, b, y, rate):
    w = w - rate * gradients(x, w, b, y)[0]
    b = b - rate * gradients(x, w, b, y)[1]
    return w, b
