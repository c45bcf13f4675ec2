"""As in a well-known notebook: 4 layers with kernels of size 4 look 4^4 steps back."""
# expect: misconception product instead of sum
# %% memory_solution
def memory(stack):
    steps = 1
    for k, d in stack:
        steps *= k
    return steps


def receptive_field(stack):
    return memory(stack) + 1

