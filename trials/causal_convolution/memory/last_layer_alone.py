"""The last layer, as if it saw the input."""
# expect: misconception only one layer
# %% memory_solution
def memory(stack):
    k, d = stack[-1] if stack else (1, 1)
    return (k - 1) * d


def receptive_field(stack):
    return memory(stack) + 1

