"""Only the weights learn."""
# expect: misconception one stands still
# %% step_solution
def step(x, w, b, y, rate):
    return w - rate * gradients(x, w, b, y)[0], b
