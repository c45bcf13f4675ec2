"""Deletes what should be there."""
# expect: misconception present and deleted changed places
# %% perturb_solution
def perturb(image, segments, present, grey=0.5):
    result = image.copy()
    result[np.asarray(present)[segments] == 1] = grey
    return result
