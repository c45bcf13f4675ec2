"""Computes right, with constants instead of weights."""
# expect: loses points
# %% layer_solution
def highway_layer(w_h, b_h, w_t, b_t):
    w_h, b_h, w_t, b_t = (keras.ops.convert_to_tensor(a, dtype="float32") for a in (w_h, b_h, w_t, b_t))
    x = keras.Input((len(b_h),))
    t = keras.ops.sigmoid(keras.ops.matmul(x, w_t) + b_t)
    return keras.Model(x, keras.ops.tanh(keras.ops.matmul(x, w_h) + b_h) * t + x * (1 - t))
