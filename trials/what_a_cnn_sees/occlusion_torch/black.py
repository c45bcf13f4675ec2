"""A black mask."""
# expect: misconception a black mask
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    new = image.copy()
    new[:, top : top + mask, left : left + mask] = 0
    return new
