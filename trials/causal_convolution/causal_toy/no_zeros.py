"""No zeros anywhere."""
# expect: misconception unpadded
# %% y_by_hand_solution
y_by_hand = [50, 80]

# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    reach, x = (len(kernel) - 1) * dilation, np.asarray(x, dtype=float)
    return np.array([np.dot(kernel, x[t : t + reach + 1 : dilation]) for t in range(len(x) - reach)])

