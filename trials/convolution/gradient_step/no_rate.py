"""The learning rate is ignored."""
# expect: misconception no learning rate
# %% step_solution
def step(x, w, b, y, rate):
    dw, db = gradients(x, w, b, y)
    return w - dw, b - db
