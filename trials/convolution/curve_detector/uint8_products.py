"""The products of two uint8 arrays wrap around, their sum does not."""
# expect: misconception integer overflow
# %% response_solution
def response(patch, kernel):
    return np.sum(patch * kernel)
