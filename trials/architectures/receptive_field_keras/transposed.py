"""Kernels transposed."""
# expect: misconception transposed kernel
# %% build_stack_solution
def build_stack(stack, kernels):
    """A Keras model of the stack with these kernels: (N, H, W, 1) -> (N, H', W', 1)."""
    kernels = list(kernels)
    model = keras.Sequential([keras.Input((None, None, 1))])
    for l in stack:
        if l["kind"] == "conv":
            c = layers.Conv2D(1, l["kernel"], strides=l["stride"], dilation_rate=l["dilation"], use_bias=False)
            model.add(c)
            c.set_weights([kernels.pop(0).T.reshape(c.kernel.shape)])
        else:
            model.add(layers.MaxPooling2D(l["kernel"], strides=l["stride"]))
    return model
