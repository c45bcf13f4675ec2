"""The habit of dividing by 255."""
# expect: misconception from 0 to 1
# %% prepare_solution
def prepare(images):
    return images.astype("float32") / 255
