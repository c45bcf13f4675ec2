"""NumPys Faltung mit gestrecktem Filter, deutsch kommentiert."""
# expect: full marks
# %% y_by_hand_solution
# von Hand: 2 * 10, 1 * 10 + 2 * 20, 1 * 20 + 2 * 30
y_by_hand = [20.0, 50.0, 80.0]

# %% causal_conv1d_solution
def causal_conv1d(x, kernel, dilation=1):
    # Nullen zwischen die Zahlen des Filters; NumPy dreht ihn um, also vorher umdrehen
    lang = np.zeros((len(kernel) - 1) * dilation + 1)
    lang[::dilation] = kernel
    return np.convolve(np.asarray(x, dtype=float), lang[::-1])[: len(x)]

# %% affected_solution
x = np.zeros(12)
x[5] = 1
affected = list(np.nonzero(causal_conv1d(x, np.ones(3), 2))[0])
affected = [int(t) for t in affected]

