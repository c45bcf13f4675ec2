"""The first batch norm added to the first dense layer."""
# expect: misconception with its batch normalization
# %% share_solution
def share_of_first(sizes):
    dense = [dense_parameters(a, b) for a, b in zip(sizes, sizes[1:])]
    norm = [batch_norm_parameters(n)[0] for n in sizes[1:-1]]
    return (dense[0] + sum(norm[:1])) / (sum(dense) + sum(norm))
