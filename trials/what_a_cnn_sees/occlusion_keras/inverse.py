"""All but the square."""
# expect: misconception all but the square
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    new = np.full_like(image, grey)
    new[top : top + mask, left : left + mask] = image[top : top + mask, left : left + mask]
    return new
