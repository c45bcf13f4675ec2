"""The observed numbers counted as learned."""
# expect: misconception share of all
# %% share_solution
def share_of_first(sizes):
    dense = [dense_parameters(a, b) for a, b in zip(sizes, sizes[1:])]
    norm = [sum(batch_norm_parameters(n)) for n in sizes[1:-1]]
    return dense[0] / (sum(dense) + sum(norm))
