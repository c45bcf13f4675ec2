"""A kernel as one row."""
# expect: misconception kernel not squared
# %% count_weights_solution
def count_weights(stack, channels):
    """All weights of the stack's convolutions, without biases, with `channels` channels in and out of each layer."""
    return sum(l["kernel"] * channels ** 2 for l in stack if l["kind"] == "conv")
