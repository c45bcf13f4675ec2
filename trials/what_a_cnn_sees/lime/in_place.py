"""The image itself is changed."""
# expect: loses points
# %% perturb_solution
def perturb(image, segments, present, grey=0.5):
    image[np.asarray(present)[segments] == 0] = grey
    return image
