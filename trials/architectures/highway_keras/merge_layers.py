"""Only layers: Multiply, Add, and a constant as initializer."""
# expect: full marks
# %% layer_solution
def highway_layer(w_h, b_h, w_t, b_t):
    D = len(b_h)
    x = keras.Input(shape=(D,))
    const = lambda a: (lambda shape, dtype=None: keras.ops.convert_to_tensor(a, dtype="float32"))
    h = layers.Activation("tanh")(layers.Dense(D, kernel_initializer=const(w_h), bias_initializer=const(b_h))(x))
    t = layers.Activation("sigmoid")(layers.Dense(D, kernel_initializer=const(w_t), bias_initializer=const(b_t))(x))
    y = layers.Add()([x, layers.Multiply()([t, layers.Subtract()([h, x])])])
    return keras.Model(inputs=x, outputs=y)
