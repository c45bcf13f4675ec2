"""Filters without depth."""
# expect: misconception channels forgotten
# %% layer_table_solution
def layer_table(net, shape):
    """One row (kind, output shape, parameters) for each layer of the net, for images of this shape."""
    image = shape
    rows = []
    for l in net:
        if l["layer"] in ("conv", "pool"):
            k, s, p = l["kernel"], l["stride"], l.get("padding", 0)
            h, w, c = shape
            f = l.get("filters", c)
            count = (k * k + 1) * f if l["layer"] == "conv" else 0
            shape = tuple((n + 2 * p - k) // s + 1 for n in (h, w)) + (f,)
        elif l["layer"] == "flatten":
            count, shape = 0, (shape[0] * shape[1] * shape[2],)
        else:
            count, shape = (shape[0] + 1) * l["units"], (l["units"],)
        rows.append((l["layer"], shape, count))
    return rows
