"""Looks at the newest output, and changes every input step in turn, from the oldest on."""
# expect: full marks
# %% measured_memory_solution
def outputs(kernels, dilations, series):
    return make_stack(kernels, dilations).predict(np.reshape(series, (1, -1, 1)).astype("float32"), verbose=0)[0, :, 0]


def measured_memory(kernels, dilations):
    reach = memory([(len(k), d) for k, d in zip(kernels, dilations)])
    rng = np.random.default_rng(5)
    x = rng.normal(size=reach + 3)
    newest = outputs(kernels, dilations, x)[-1]
    for t in range(len(x)):
        changed = x.copy()
        changed[t] += 1000.0
        if abs(outputs(kernels, dilations, changed)[-1] - newest) > 1e-3:
            return len(x) - 1 - t

