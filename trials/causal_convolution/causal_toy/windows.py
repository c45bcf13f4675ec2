"""Windows and a dot product; the results are arrays."""
# expect: full marks
# %% y_by_hand_solution
y_by_hand = np.array([20.0, 50.0, 80.0])

# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    reach = (len(kernel) - 1) * dilation
    padded = np.pad(np.asarray(x, dtype=float), (reach, 0))
    return np.array([np.dot(kernel, padded[t : t + reach + 1 : dilation]) for t in range(len(x))], dtype=float)

# %% affected_solution
affected = [5 + i * 2 for i in range(3)]

