"""load_state_dict, lists of layers, German comments."""
# expect: full marks
# %% conv_layer_solution
def conv_layer(weights, bias):
    """A torch module with one 1x1 convolution: (N, C, H, W) -> (N, F, H, W)."""
    schicht = nn.Conv2d(*weights.shape, 1, bias=bias is not None)
    zustand = {"weight": torch.tensor(weights.T.copy())[..., None, None]}
    if bias is not None:
        zustand["bias"] = torch.tensor(bias)
    schicht.load_state_dict(zustand)
    return nn.Sequential(schicht)
# %% dense_layer_solution
def dense_layer(weights, bias):
    """A torch module with one linear layer for all pixels: (N, C, H, W) -> (N, F, H, W)."""
    schicht = nn.Linear(weights.shape[0], weights.shape[1])
    schicht.load_state_dict({"weight": torch.tensor(weights.T.copy()), "bias": torch.tensor(bias)})
    # erst die Kanaele nach hinten, dann wieder nach vorn
    return nn.Sequential(Permute(0, 2, 3, 1), schicht, Permute(0, 3, 1, 2))
# %% bottleneck_solution
def bottleneck(channels, reduced, filters, kernel_size):
    """A 1x1 convolution to `reduced` channels, then kernel_size x kernel_size to `filters`; each with a ReLU."""
    teile = []
    for ein, aus, k in ((channels, reduced, 1), (reduced, filters, kernel_size)):
        teile += [nn.Conv2d(ein, aus, k, padding="same"), nn.ReLU()]
    return nn.Sequential(*teile)
