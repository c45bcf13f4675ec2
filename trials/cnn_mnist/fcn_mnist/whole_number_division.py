"""// for /."""
# expect: misconception whole numbers
# %% to_rows_solution
def to_rows(images):
    return (images.reshape(len(images), 784) // 255).astype("float32")
