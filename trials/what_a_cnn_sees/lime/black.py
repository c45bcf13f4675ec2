"""Black instead of grey."""
# expect: misconception black
# %% perturb_solution
def perturb(image, segments, present, grey=0.5):
    result = image.copy()
    result[np.asarray(present)[segments] == 0] = 0
    return result
