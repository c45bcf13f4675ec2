"""Both arrays are added up first."""
# expect: misconception summed before multiplying
# %% response_solution
def response(patch, kernel):
    return float(np.sum(patch)) * float(np.sum(kernel))
