"""Add and ReLU as layers, explicit weights through initializers."""
# expect: full marks
# %% block_solution
def const(a):
    return keras.initializers.Constant(0) if a is None else (lambda shape, dtype=None: keras.ops.convert_to_tensor(a, "float32"))


def residual_block(kernel1, bias1, kernel2, bias2, projection=None, stride=1):
    c, f = kernel1.shape[-2:]
    inp = keras.Input(shape=(None, None, c))
    y = layers.Conv2D(f, 3, stride, "same", kernel_initializer=const(kernel1), bias_initializer=const(bias1))(inp)
    y = layers.ReLU()(y)
    y = layers.Conv2D(f, 3, 1, "same", kernel_initializer=const(kernel2), bias_initializer=const(bias2))(y)
    s = inp
    if projection is not None:
        s = layers.Conv2D(f, 1, stride, use_bias=False, kernel_initializer=const(projection))(inp)
    return keras.Model(inputs=[inp], outputs=layers.Add()([s, y]))
