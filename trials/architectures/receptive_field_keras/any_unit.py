"""Any answer that changes counts."""
# expect: misconception all units instead of one
# %% measured_field_solution
def measured_field(stack, kernels, size):
    """The field of the last layer's upper left unit, found by lighting up one pixel after the other."""
    images = np.zeros((size, size, size, 1), dtype="float32")
    images[range(size), range(size), range(size)] = 1
    outputs = np.asarray(build_stack(stack, kernels)(images))
    seen = np.flatnonzero((outputs > 1e-6).any(axis=(1, 2, 3)))
    return int(seen[-1] - seen[0] + 1) if len(seen) else 0
