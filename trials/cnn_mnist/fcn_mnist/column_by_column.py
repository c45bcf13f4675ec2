"""Fortran order."""
# expect: misconception column by column
# %% to_rows_solution
def to_rows(images):
    return (images.transpose(0, 2, 1).reshape(len(images), 784) / 255).astype("float32")
