"""The response is averaged."""
# expect: misconception mean instead of sum
# %% response_solution
def response(patch, kernel):
    return np.mean(np.asarray(patch, dtype=float) * kernel)
