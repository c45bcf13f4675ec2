"""Forgets the dilation in the formula."""
# expect: misconception no dilation
# %% memory_solution
def memory(stack):
    return sum(k - 1 for k, d in stack)


def receptive_field(stack):
    return memory(stack) + 1

