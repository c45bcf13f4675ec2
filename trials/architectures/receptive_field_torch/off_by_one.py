"""Last minus first."""
# expect: misconception one pixel too few
# %% measured_field_solution
def measured_field(stack, kernels, size):
    """The field of the last layer's upper left unit, found by lighting up one pixel after the other."""
    images = torch.zeros(size, 1, size, size)
    images[range(size), 0, range(size), range(size)] = 1
    outputs = build_stack(stack, kernels)(images).detach().numpy().transpose(0, 2, 3, 1)
    seen = np.flatnonzero(outputs[:, 0, 0, 0] > 1e-6)
    return int(seen[-1] - seen[0]) if len(seen) else 0
