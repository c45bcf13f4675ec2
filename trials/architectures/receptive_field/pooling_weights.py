"""Every layer has weights."""
# expect: misconception weights for the pooling
# %% count_weights_solution
def count_weights(stack, channels):
    """All weights of the stack's convolutions, without biases, with `channels` channels in and out of each layer."""
    return sum(l["kernel"] ** 2 * channels ** 2 for l in stack)
