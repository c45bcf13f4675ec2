"""A series of 20 steps, whatever the stack."""
# expect: loses points
# %% measured_memory_solution
def outputs(kernels, dilations, series):
    with torch.no_grad():
        return make_stack(kernels, dilations)(torch.tensor(series, dtype=torch.float32)[None, None])[0, 0].numpy()


def measured_memory(kernels, dilations):
    x = np.zeros(20)
    x[0] = 1
    return int(np.flatnonzero(outputs(kernels, dilations, x))[-1])

