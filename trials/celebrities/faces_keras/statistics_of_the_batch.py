"""Standardized by the mean and spread of whatever pictures come."""
# expect: misconception standardized by these pictures
# %% prepare_solution
def prepare(images):
    images = images.astype("float32")
    return (images - images.mean()) / images.std()
