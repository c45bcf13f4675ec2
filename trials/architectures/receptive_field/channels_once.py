"""Input channels are forgotten."""
# expect: misconception channels counted once
# %% count_weights_solution
def count_weights(stack, channels):
    """All weights of the stack's convolutions, without biases, with `channels` channels in and out of each layer."""
    return sum(l["kernel"] ** 2 * channels for l in stack if l["kind"] == "conv")
