"""NumPy's convolution as wide as the signal: windows hang over its ends."""
# expect: misconception zeros around
# %% moving_average_solution
def moving_average(signal, size):
    return np.convolve(signal, np.ones(size) / size, mode="same")
