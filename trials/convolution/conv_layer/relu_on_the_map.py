"""The maps come after a ReLU."""
# expect: misconception an activation
# %% deck_maps_solution
x = IMAGE.astype("float32").reshape((1, 6, 6, 1) if framework == "keras" else (1, 1, 6, 6))
if framework == "torch":
    x = torch.from_numpy(x)
feature_map, feature_map_same = (
    np.maximum(y.detach().numpy() if framework == "torch" else y.numpy(), 0).squeeze()
    for y in (conv_layer(KERNEL)(x), conv_layer(KERNEL, "same")(x))
)
