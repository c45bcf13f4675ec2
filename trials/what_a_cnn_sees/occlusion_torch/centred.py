"""The square is centred."""
# expect: misconception around the corner
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    new = image.copy()
    top, left = max(top - mask // 2, 0), max(left - mask // 2, 0)
    new[:, top : top + mask, left : left + mask] = grey
    return new
