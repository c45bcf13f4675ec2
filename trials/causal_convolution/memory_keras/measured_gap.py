"""Goes on until nothing changes, and stops there."""
# expect: misconception stopped at the first gap
# %% measured_memory_solution
def outputs(kernels, dilations, series):
    return make_stack(kernels, dilations).predict(np.reshape(series, (1, -1, 1)).astype("float32"), verbose=0)[0, :, 0]


def measured_memory(kernels, dilations):
    x = np.zeros(200)
    x[0] = 1
    y = outputs(kernels, dilations, x)
    t = int(np.flatnonzero(y)[0])
    while y[t + 1] != 0:
        t += 1
    return t

