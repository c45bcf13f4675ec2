"""A lookup of the numbers that the text and the deck print."""
# expect: loses points
# %% counting_solution
def dense_parameters(inputs, units):
    return {(784, 500): 392500, (500, 50): 25050, (50, 10): 510, (2, 3): 9}.get((inputs, units), 9)


def batch_norm_parameters(units):
    return {500: (1000, 1000), 50: (100, 100)}.get(units, (6, 6))

# %% share_solution
def share_of_first(sizes):
    return 9 / 19 if len(sizes) == 3 else 0.9363966
