"""Counts the present step, too."""
# expect: misconception receptive field instead of memory
# %% measured_memory_solution
def outputs(kernels, dilations, series):
    with torch.no_grad():
        return make_stack(kernels, dilations)(torch.tensor(series, dtype=torch.float32)[None, None])[0, 0].numpy()


def measured_memory(kernels, dilations):
    x = np.zeros(200)
    x[0] = 1
    return int(np.flatnonzero(outputs(kernels, dilations, x))[-1]) + 1

