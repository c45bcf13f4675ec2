"""The rest of the net is a net, too."""
# expect: full marks
# %% layer_table_solution
def layer_table(net, shape):
    """One row (kind, output shape, parameters) for each layer of the net, for images of this shape."""
    if not net:
        return []
    first, *rest = net
    kind = first["layer"]
    if kind in ("conv", "pool"):
        p, k, s = first.get("padding", 0), first["kernel"], first["stride"]
        out = tuple(1 + (n + p + p - k) // s for n in shape[:2]) + (first.get("filters", shape[-1]),)
        count = (k * k * shape[-1] + 1) * first["filters"] if kind == "conv" else 0
    else:
        out = (shape[0] * shape[1] * shape[2] if kind == "flatten" else first["units"],)
        count = (shape[0] + 1) * out[0] if kind == "dense" else 0
    return [(kind, out, count)] + layer_table(rest, out)
