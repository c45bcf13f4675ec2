"""w -= ... changes the arrays that were given."""
# expect: loses points
# %% step_solution
def step(x, w, b, y, rate):
    dw, db = gradients(x, w, b, y)
    w -= rate * dw
    b -= rate * db
    return w, b
