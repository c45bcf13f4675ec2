"""Only the largest product counts."""
# expect: misconception largest product
# %% response_solution
def response(patch, kernel):
    return np.max(patch.astype(float) * kernel)
