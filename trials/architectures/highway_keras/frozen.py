"""The gate cannot be trained."""
# expect: loses points
# %% layer_solution
def highway_layer(w_h, b_h, w_t, b_t):
    x = keras.Input((len(b_h),))
    transform = layers.Dense(len(b_h), activation="tanh")
    gate = layers.Dense(len(b_t), activation="sigmoid", trainable=False)
    h, t = transform(x), gate(x)
    transform.set_weights([w_h, b_h])
    gate.set_weights([w_t, b_t])
    return keras.Model(x, h * t + x * (1 - t))
