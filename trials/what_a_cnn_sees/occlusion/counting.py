"""Counts instead of dividing; plain Python lists where they do."""
# expect: full marks
# %% positions_solution
def positions(height, width, mask, stride):
    """Walk and count."""
    numbers = []
    for size in (height, width):
        start, count = 0, 0
        while start + mask <= size:
            count += 1
            start += stride
        numbers.append(count)
    return tuple(numbers)
# %% n_positions_solution
n_positions = 12 ** 2  # (224 - 26) / 18 = 11 steps, so 12 positions on each side
# %% most_important_solution
def most_important(drops, stride):
    """Search by hand."""
    best, where = float("-inf"), None
    for i in range(len(drops)):
        for j in range(len(drops[0])):
            if drops[i][j] > best:
                best, where = drops[i][j], (i * stride, j * stride)
    return where
