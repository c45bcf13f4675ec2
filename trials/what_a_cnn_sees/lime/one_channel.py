"""Only the first channel."""
# expect: misconception only one channel
# %% perturb_solution
def perturb(image, segments, present, grey=0.5):
    result = image.copy()
    result[np.asarray(present)[segments] == 0, 0] = grey
    return result
