"""Functional API with keras.Model, `predict`, np.eye for the trial images, a difference to the black image."""
# expect: full marks
# %% build_stack_solution
def build_stack(stack, kernels):
    """A Keras model of the stack with these kernels: (N, H, W, 1) -> (N, H', W', 1)."""
    inputs = x = keras.Input(shape=(None, None, 1))
    convs = []
    for l in stack:
        if l["kind"] == "pool":
            x = layers.MaxPool2D(pool_size=(l["kernel"], l["kernel"]), strides=(l["stride"], l["stride"]))(x)
        else:
            c = layers.Conv2D(filters=1, kernel_size=l["kernel"], strides=l["stride"], padding="valid",
                              dilation_rate=(l["dilation"], l["dilation"]), activation=None, use_bias=False)
            x = c(x)
            convs.append(c)
    for c, k in zip(convs, kernels):
        c.kernel.assign(k[:, :, None, None])
    return keras.Model(inputs, x)
# %% measured_field_solution
def measured_field(stack, kernels, size):
    """The field of the last layer's upper left unit, found by lighting up one pixel after the other."""
    eye = np.eye(size)
    batch = eye[:, :, None] * eye[:, None, :]
    model = build_stack(stack, kernels)
    out = model.predict(batch[..., None], verbose=0)[:, 0, 0, 0]
    black = model.predict(np.zeros((1, size, size, 1)), verbose=0)[0, 0, 0, 0]
    hits = [i for i in range(size) if abs(out[i] - black) > 1e-6]
    return max(hits) - min(hits) + 1 if hits else 0
