"""The dilation is forgotten."""
# expect: misconception no dilation
# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    padded = np.pad(np.asarray(x, dtype=float), (len(kernel) - 1, 0))
    return np.array([np.dot(kernel, padded[t : t + len(kernel)]) for t in range(len(x))])

