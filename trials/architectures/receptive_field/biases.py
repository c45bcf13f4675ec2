"""One bias per filter on top."""
# expect: misconception with biases
# %% count_weights_solution
def count_weights(stack, channels):
    """All weights of the stack's convolutions, without biases, with `channels` channels in and out of each layer."""
    return sum(l["kernel"] ** 2 * channels ** 2 + channels for l in stack if l["kind"] == "conv")
