"""93.6 in place of 0.936."""
# expect: misconception in percent
# %% share_solution
def share_of_first(sizes):
    dense = [dense_parameters(a, b) for a, b in zip(sizes, sizes[1:])]
    norm = [batch_norm_parameters(n)[0] for n in sizes[1:-1]]
    return 100 * dense[0] / (sum(dense) + sum(norm))
