"""The last kernel sees the input: the same output, but other layers."""
# expect: misconception from the output to the input
# %% make_stack_solution
def make_stack(kernels, dilations):
    model = keras.Sequential([keras.Input((None, 1))])
    for kernel, dilation in zip(kernels[::-1], dilations[::-1]):
        layer = layers.Conv1D(1, len(kernel), padding='causal', dilation_rate=dilation, use_bias=False)
        model.add(layer)
        layer.set_weights([np.reshape(kernel, (-1, 1, 1))])
    return model

