"""A series of 20 steps, whatever the stack."""
# expect: loses points
# %% measured_memory_solution
def outputs(kernels, dilations, series):
    return make_stack(kernels, dilations).predict(np.reshape(series, (1, -1, 1)).astype("float32"), verbose=0)[0, :, 0]


def measured_memory(kernels, dilations):
    x = np.zeros(20)
    x[0] = 1
    return int(np.flatnonzero(outputs(kernels, dilations, x))[-1])

