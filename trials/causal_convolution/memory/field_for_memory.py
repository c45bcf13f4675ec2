"""Counts the present step as memory."""
# expect: misconception receptive field instead of memory
# %% memory_solution
def memory(stack):
    return 1 + sum((k - 1) * d for k, d in stack)


def receptive_field(stack):
    return memory(stack)

