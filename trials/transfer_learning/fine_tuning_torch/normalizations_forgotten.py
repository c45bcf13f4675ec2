"""Only the convolutions are frozen."""
# expect: misconception batch normalization not frozen
# expect: misconception batch normalization trained
# %% freeze_solution
for layer in blocks:
    if isinstance(layer, nn.Conv2d):
        layer.requires_grad_(False)
