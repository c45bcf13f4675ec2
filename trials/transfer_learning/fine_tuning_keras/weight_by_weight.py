"""Frozen weight by weight: the batch normalizations do not know that they are."""
# expect: misconception running statistics moved
# %% freeze_solution
for layer in blocks.layers:
    for weight in layer.trainable_weights:
        weight.trainable = False
