"""As short as it gets, everything in NumPy and float64 inside."""
# expect: full marks
# %% counting_solution
dense_parameters = lambda inputs, units: (inputs + 1) * units
batch_norm_parameters = lambda units: (units * 2,) * 2

# %% share_solution
def share_of_first(sizes):
    s = np.asarray(sizes, dtype=float)
    dense = (s[:-1] + 1) * s[1:]
    return dense[0] / (dense.sum() + 2 * s[1:-1].sum())

# %% accuracy_solution
accuracy_of = lambda outputs, labels: (np.asarray(outputs).argmax(-1) == np.asarray(labels)).mean()
standard_error = lambda accuracy, number: np.sqrt(accuracy - accuracy**2) / np.sqrt(number)
