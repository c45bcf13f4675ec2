"""Zeros at both ends."""
# expect: misconception 'same' instead of causal
# %% y_by_hand_solution
y_by_hand = [50, 80, 30]

# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    reach = (len(kernel) - 1) * dilation
    padded = np.pad(np.asarray(x, dtype=float), (reach // 2, reach - reach // 2))
    return np.array([np.dot(kernel, padded[t : t + reach + 1 : dilation]) for t in range(len(x))])

