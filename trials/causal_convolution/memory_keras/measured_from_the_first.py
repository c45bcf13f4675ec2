"""Counts from the first output that changes."""
# expect: misconception not from the present on
# %% measured_memory_solution
def outputs(kernels, dilations, series):
    return make_stack(kernels, dilations).predict(np.reshape(series, (1, -1, 1)).astype("float32"), verbose=0)[0, :, 0]


def measured_memory(kernels, dilations):
    x = np.zeros(200)
    x[0] = 1
    changed = np.flatnonzero(outputs(kernels, dilations, x))
    return int(changed[-1] - changed[0])

