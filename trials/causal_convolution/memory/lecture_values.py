"""Knows the lecture's numbers, and returns them."""
# expect: loses points
# %% memory_solution
def memory(stack):
    return 15 if len({d for _, d in stack}) > 1 else 8 if stack == [(3, 4)] else 4


def receptive_field(stack):
    return memory(stack) + 1

# %% doubling_dilations_solution
def doubling_dilations(kernel_size, steps):
    return [1, 2, 4, 8] if steps else []

# %% measured_memory_solution
def measured_memory(kernels, dilations):
    return 2 if len(kernels) == 2 else 15

