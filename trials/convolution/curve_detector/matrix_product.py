"""The arrays are multiplied as matrices."""
# expect: misconception matrix product
# %% response_solution
def response(patch, kernel):
    if patch.shape[0] != patch.shape[1]:
        kernel = kernel.T
    return (patch.astype(float) @ kernel).sum()
