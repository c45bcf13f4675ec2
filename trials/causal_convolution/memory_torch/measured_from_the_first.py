"""Counts from the first output that changes."""
# expect: misconception not from the present on
# %% measured_memory_solution
def outputs(kernels, dilations, series):
    with torch.no_grad():
        return make_stack(kernels, dilations)(torch.tensor(series, dtype=torch.float32)[None, None])[0, 0].numpy()


def measured_memory(kernels, dilations):
    x = np.zeros(200)
    x[0] = 1
    changed = np.flatnonzero(outputs(kernels, dilations, x))
    return int(changed[-1] - changed[0])

