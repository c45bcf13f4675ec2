"""The image itself is covered and given back."""
# expect: loses points
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    if framework == "torch":
        image[:, top:top + mask, left:left + mask] = grey
    else:
        image[top:top + mask, left:left + mask] = grey
    return image
