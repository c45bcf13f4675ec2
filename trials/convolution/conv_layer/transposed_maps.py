"""The maps lie on their side, as on the slide."""
# expect: misconception the slide's map
# %% deck_maps_solution
def deck_map(padding):
    x = IMAGE.astype("float32").reshape((1, 6, 6, 1) if framework == "keras" else (1, 1, 6, 6))
    if framework == "torch":
        x = torch.from_numpy(x)
    y = conv_layer(KERNEL, padding)(x)
    y = y.detach().numpy() if framework == "torch" else y.numpy()
    return y.squeeze().T
feature_map, feature_map_same = deck_map("valid"), deck_map("same")
