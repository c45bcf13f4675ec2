"""Everything in the last block is unfrozen, its batch normalization, too."""
# expect: misconception batch normalization unfrozen, too
# %% unfreeze_solution
for layer in blocks.layers:
    layer.trainable = layer.name.startswith("block4")
