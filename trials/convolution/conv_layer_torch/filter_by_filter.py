"""Positional arguments, filter by filter, and an image in double precision that is turned at the last moment."""
# expect: full marks
# %% conv_layer_solution
def conv_layer(kernel, padding="valid"):
    conv = nn.Conv2d(1, 1, kernel.shape, 1, padding, bias=False)
    conv.load_state_dict({"weight": torch.as_tensor(kernel)[None, None]})
    return nn.Sequential(conv)
# %% deck_maps_solution
feature_map = conv_layer(KERNEL)(torch.as_tensor(IMAGE / 1.0)[None, None].float()).detach().numpy()[0, 0]
feature_map_same = conv_layer(KERNEL, "same")(torch.as_tensor(IMAGE / 1.0)[None, None].float()).detach().numpy()[0, 0]
# %% filter_bank_solution
def filter_bank(kernels, biases):
    conv = nn.Conv2d(kernels.shape[3], kernels.shape[0], kernels.shape[1:3])
    with torch.no_grad():
        for f in range(len(kernels)):
            for c in range(kernels.shape[3]):
                conv.weight[f, c] = torch.as_tensor(kernels[f, :, :, c])
            conv.bias[f] = biases[f]
    return nn.Sequential(conv, nn.Identity())
