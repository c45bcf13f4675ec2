"""Every function gives back what it was given."""
# expect: loses points
# %% conv2d_solution
def conv2d(image, kernel, padding="valid"):
    return image.astype(float)
# %% relu_solution
def relu(values):
    return values
# %% max_pool2d_solution
def max_pool2d(values, size=2):
    return values
