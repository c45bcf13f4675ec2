"""Adds the kernel sizes, not their gaps."""
# expect: misconception kernel size instead of its gaps
# %% memory_solution
def memory(stack):
    return sum(k * d for k, d in stack)


def receptive_field(stack):
    return memory(stack) + 1

