"""The share of the convolutions."""
# expect: misconception the other layers
# %% dense_share_solution
def dense_share(net, shape):
    """The share of all parameters that the dense layers have, from 0 to 1."""
    rows = layer_table(net, shape)
    return sum(r[2] for r in rows if r[0] == "conv") / sum(r[2] for r in rows)
