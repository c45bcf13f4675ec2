"""Everything stays in uint8, the sum, too."""
# expect: misconception integer overflow
# %% response_solution
def response(patch, kernel):
    return np.sum(patch * kernel, dtype=np.result_type(patch, kernel))
