"""In percent."""
# expect: misconception percent
# %% dense_share_solution
def dense_share(net, shape):
    """The share of all parameters that the dense layers have, from 0 to 1."""
    rows = layer_table(net, shape)
    return 100 * sum(r[2] for r in rows if r[0] == "dense") / sum(r[2] for r in rows)
