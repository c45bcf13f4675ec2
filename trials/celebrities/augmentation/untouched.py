"""Nothing is augmented at all."""
# expect: loses points
# %% augment_solution
def augment(images, seed):
    return np.asarray(images, dtype="float32")
