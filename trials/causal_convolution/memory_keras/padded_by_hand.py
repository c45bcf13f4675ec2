"""Zeros on the left by a layer of their own, and unpadded convolutions."""
# expect: full marks
# %% make_stack_solution
def make_stack(kernels, dilations):
    model = keras.Sequential()
    model.add(keras.Input((None, 1)))
    for kernel, dilation in zip(kernels, dilations):
        model.add(layers.ZeroPadding1D(((len(kernel) - 1) * dilation, 0)))
        model.add(layers.Conv1D(1, len(kernel), dilation_rate=dilation, use_bias=False))
    model.set_weights([kernel[:, None, None] for kernel in kernels])
    return model

