"""x and y."""
# expect: misconception row and column changed places
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    new = image.copy()
    new[left : left + mask, top : top + mask] = grey
    return new
