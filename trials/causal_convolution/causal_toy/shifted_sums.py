"""For each number of the kernel the whole series is shifted; the last question is answered by thinking."""
# expect: full marks
# %% y_by_hand_solution
y_by_hand = (20, 50, 80)

# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    x = np.array(x, dtype=np.float64)
    y = np.zeros_like(x)
    for back, weight in enumerate(reversed(list(kernel))):
        shift = back * dilation
        if shift < len(x):
            y[shift:] += weight * x[: len(x) - shift]
    return y

# %% affected_solution
affected = [5, 7, 9]

