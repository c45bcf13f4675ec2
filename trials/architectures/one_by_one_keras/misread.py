"""Numbers counted anew instead of moved: as if the image lay channels first."""
# expect: misconception not along the fiber
# %% dense_layer_solution
class FirstToLast(layers.Layer):
    def call(self, x):
        s = keras.ops.shape(x)
        return keras.ops.reshape(keras.ops.transpose(x, (0, 3, 1, 2)), s)


class LastToFirst(layers.Layer):
    def call(self, x):
        s = keras.ops.shape(x)
        return keras.ops.transpose(keras.ops.reshape(x, (s[0], s[3], s[1], s[2])), (0, 2, 3, 1))


def dense_layer(weights, bias):
    """A Keras model with one dense layer for all pixels: (N, H, W, C) -> (N, H, W, F)."""
    dense = layers.Dense(weights.shape[1])
    model = keras.Sequential([keras.Input((None, None, weights.shape[0])), FirstToLast(), dense, LastToFirst()])
    dense.set_weights([weights, bias])
    return model
