"""Dilations 1, 2, 3, ..."""
# expect: misconception not doubled
# %% doubling_dilations_solution
def doubling_dilations(kernel_size, steps):
    n = 0
    while (kernel_size - 1) * (2**n - 1) < steps:
        n += 1
    return list(range(1, n + 1))

