"""The gaps of a dilated kernel count."""
# expect: misconception weights in the gaps
# %% count_weights_solution
def count_weights(stack, channels):
    """All weights of the stack's convolutions, without biases, with `channels` channels in and out of each layer."""
    return sum(((l["kernel"] - 1) * l["dilation"] + 1) ** 2 * channels ** 2 for l in stack if l["kind"] == "conv")
