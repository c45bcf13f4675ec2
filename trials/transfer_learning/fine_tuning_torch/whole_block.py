"""Everything in the last block is unfrozen, its batch normalization, too."""
# expect: misconception batch normalization unfrozen, too
# %% unfreeze_solution
for name, layer in blocks.named_children():
    layer.requires_grad_(name.startswith("block4"))
