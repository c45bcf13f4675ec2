"""Only the first channel becomes grey."""
# expect: misconception only one channel
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    new = image.copy()
    new[0][top : top + mask, left : left + mask] = grey
    return new
