"""Batch norm forgotten."""
# expect: misconception dense layers alone
# %% share_solution
def share_of_first(sizes):
    dense = [dense_parameters(a, b) for a, b in zip(sizes, sizes[1:])]
    return dense[0] / sum(dense)
