"""An edge-like picture of the image instead of any gradient."""
# expect: loses points
# %% saliency_solution
def saliency(model, image, label):
    return np.abs(image - image.mean()).max(axis=-1)
