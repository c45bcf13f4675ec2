"""Reads the weights instead of measuring: leading zeros alone."""
# expect: loses points
# %% measured_memory_solution
def measured_memory(kernels, dilations):
    # wrong: a zero at the beginning of the first kernel says nothing about the other ones
    zeros = 1 if kernels[0][0] == 0 else 0
    return memory([(len(k), d) for k, d in zip(kernels, dilations)]) - zeros * dilations[0]

