"""A keras.Model of one's own, with Dense layers inside."""
# expect: full marks
# %% layer_solution
class H(keras.Model):
    def __init__(self, n):
        super().__init__()
        self.g = layers.Dense(n, "sigmoid")
        self.h = layers.Dense(n, "tanh")

    def call(self, x):
        g = self.g(x)
        return g * self.h(x) + (1 - g) * x


def highway_layer(w_h, b_h, w_t, b_t):
    m = H(len(b_h))
    m(np.zeros((1, len(b_h)), "float32"))
    m.h.set_weights((w_h, b_h))
    m.g.set_weights((w_t, b_t))
    return m
