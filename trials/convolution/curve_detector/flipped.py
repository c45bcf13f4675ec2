"""A true convolution: the kernel is turned."""
# expect: misconception flipped kernel
# %% response_solution
def response(patch, kernel):
    return np.sum(patch * np.flip(kernel).astype(float))
