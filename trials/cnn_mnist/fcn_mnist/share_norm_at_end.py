"""A batch norm behind the last layer, too."""
# expect: misconception batch normalization at the end
# %% share_solution
def share_of_first(sizes):
    dense = [dense_parameters(a, b) for a, b in zip(sizes, sizes[1:])]
    norm = [batch_norm_parameters(n)[0] for n in sizes[1:]]
    return dense[0] / (sum(dense) + sum(norm))
