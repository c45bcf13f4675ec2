"""Layers are counted, not parameters."""
# expect: misconception layers counted
# %% dense_share_solution
def dense_share(net, shape):
    """The share of all parameters that the dense layers have, from 0 to 1."""
    return sum(l["layer"] == "dense" for l in net) / len(net)
