"""Plus instead of minus."""
# expect: misconception uphill
# %% step_solution
def step(x, w, b, y, rate):
    dw, db = gradients(x, w, b, y)
    return w + rate * dw, b + rate * db
