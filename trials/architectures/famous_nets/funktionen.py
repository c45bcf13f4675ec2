"""One function for each kind of layer, lists for tuples, NumPy masks; German names."""
# expect: full marks
# %% layer_table_solution
# eine Funktion je Schicht
def faltung(l, form):
    h, b, c = form
    h = len(range(0, h + 2 * l["padding"] - l["kernel"] + 1, l["stride"]))
    b = len(range(0, b + 2 * l["padding"] - l["kernel"] + 1, l["stride"]))
    return [h, b, l["filters"]], l["kernel"] * l["kernel"] * c * l["filters"] + l["filters"]


def pooling(l, form):
    return faltung({**l, "padding": 0, "filters": form[2]}, form)[0], 0


def flach(l, form):
    return [int(np.prod(form))], 0


def dicht(l, form):
    return [l["units"]], form[0] * l["units"] + l["units"]


def layer_table(net, shape):
    """One row (kind, output shape, parameters) for each layer of the net, for images of this shape."""
    zeilen = []
    for l in net:
        shape, zahl = {"conv": faltung, "pool": pooling, "flatten": flach, "dense": dicht}[l["layer"]](l, shape)
        zeilen.append([l["layer"], shape, zahl])
    return zeilen
# %% dense_share_solution
def dense_share(net, shape):
    """The share of all parameters that the dense layers have, from 0 to 1."""
    zeilen = layer_table(net, shape)
    zahlen = np.array([z[2] for z in zeilen])
    dicht_da = np.array([z[0] == "dense" for z in zeilen])
    return np.sum(zahlen[dicht_da]) / np.sum(zahlen)
