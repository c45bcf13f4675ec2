"""Forgets the present step of the receptive field."""
# expect: misconception memory instead of receptive field
# %% memory_solution
def memory(stack):
    return sum((k - 1) * d for k, d in stack)


def receptive_field(stack):
    return memory(stack)

