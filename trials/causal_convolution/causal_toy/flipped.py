"""The kernel is read backwards."""
# expect: misconception flipped kernel
# %% y_by_hand_solution
y_by_hand = [10, 40, 70]

# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    reach = (len(kernel) - 1) * dilation
    padded = np.pad(np.asarray(x, dtype=float), (reach, 0))
    return np.array([np.dot(kernel[::-1], padded[t : t + reach + 1 : dilation]) for t in range(len(x))])

