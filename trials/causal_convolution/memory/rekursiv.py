"""Rekursiv, mit deutschen Kommentaren."""
# expect: full marks
# %% memory_solution
def memory(stack):
    # keine Schicht: kein Gedaechtnis
    if not stack:
        return 0
    (k, d), rest = stack[0], stack[1:]
    return (k - 1) * d + memory(rest)


def receptive_field(stack):
    # die Gegenwart zaehlt mit
    return memory(stack) + 1

# %% doubling_dilations_solution
def doubling_dilations(kernel_size, steps, d=1):
    # so lange verdoppeln, bis es reicht
    if steps <= 0:
        return []
    return [d] + doubling_dilations(kernel_size, steps - (kernel_size - 1) * d, 2 * d)

