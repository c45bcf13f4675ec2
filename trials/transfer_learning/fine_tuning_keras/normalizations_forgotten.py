"""Only the convolutions are frozen."""
# expect: misconception batch normalization not frozen
# expect: misconception batch normalization trained
# %% freeze_solution
for layer in blocks.layers:
    if "conv" in layer.name:
        layer.trainable = False
