"""From pixel 0 to the last one."""
# expect: misconception counted from the border
# %% measured_field_solution
def measured_field(stack, kernels, size):
    """The field of the last layer's upper left unit, found by lighting up one pixel after the other."""
    images = np.zeros((size, size, size, 1), dtype="float32")
    images[range(size), range(size), range(size)] = 1
    outputs = np.asarray(build_stack(stack, kernels)(images))
    seen = np.flatnonzero(outputs[:, 0, 0, 0] > 1e-6)
    return int(seen[-1] + 1) if len(seen) else 0
