"""The super-pixels are counted from 1."""
# expect: misconception super-pixels counted from 1
# %% perturb_solution
def perturb(image, segments, present, grey=0.5):
    result = image.copy()
    result[np.asarray(present)[segments - 1] == 0] = grey
    return result
