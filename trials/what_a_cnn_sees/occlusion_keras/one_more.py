"""A slice that is one too long."""
# expect: misconception one pixel too large
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    new = image.copy()
    new[top : top + mask + 1, left : left + mask + 1] = grey
    return new
