"""match and case, math.floor, a dictionary of sums."""
# expect: full marks
# %% layer_table_solution
def layer_table(net, shape):
    """One row (kind, output shape, parameters) for each layer of the net, for images of this shape."""
    import math

    def places(n, l):
        return math.floor((n + 2 * l.get("padding", 0) - l["kernel"]) / l["stride"]) + 1

    table = []
    for l in net:
        match l["layer"]:
            case "conv":
                count = l["filters"] * (shape[2] * l["kernel"] * l["kernel"] + 1)
                shape = (places(shape[0], l), places(shape[1], l), l["filters"])
            case "pool":
                count = 0
                shape = (places(shape[0], l), places(shape[1], l), shape[2])
            case "flatten":
                count = 0
                shape = (math.prod(shape),)
            case "dense":
                count = l["units"] * shape[0] + l["units"]
                shape = (l["units"],)
        table.append((l["layer"], shape, count))
    return table
# %% dense_share_solution
def dense_share(net, shape):
    """The share of all parameters that the dense layers have, from 0 to 1."""
    parameters = {"conv": 0, "pool": 0, "flatten": 0, "dense": 0}
    for kind, _, count in layer_table(net, shape):
        parameters[kind] += count
    return parameters["dense"] / (parameters["conv"] + parameters["dense"])
