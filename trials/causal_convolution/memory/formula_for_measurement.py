"""Measures nothing: the formula gives the same for the usual weights."""
# expect: misconception the formula instead of a measurement
# %% measured_memory_solution
def measured_memory(kernels, dilations):
    make_stack(kernels, dilations)
    return memory([(len(k), d) for k, d in zip(kernels, dilations)])

