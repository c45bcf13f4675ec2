"""The dense layer forgets its bias."""
# expect: misconception no bias
# %% dense_solution
def dense(x, w, b):
    return x @ w
