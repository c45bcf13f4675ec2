"""Not divided."""
# expect: misconception grey values up to 255
# %% to_rows_solution
def to_rows(images):
    return images.reshape(len(images), 784).astype("float32")
