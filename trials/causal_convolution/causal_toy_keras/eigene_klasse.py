"""Eine eigene Modellklasse ohne fertige Schicht."""
# expect: full marks
# %% causal_layer_solution
class Kausal(keras.Model):
    def __init__(self, kern, dilatation):
        super().__init__()
        self.kern = np.reshape(kern, (-1, 1, 1)).astype("float32")
        self.dilatation = dilatation

    def call(self, x):
        rand = (len(self.kern) - 1) * self.dilatation
        x = keras.ops.pad(x, ((0, 0), (rand, 0), (0, 0)))
        return keras.ops.conv(x, self.kern, dilation_rate=self.dilatation)


def causal_layer(kernel, dilation=1):
    return Kausal(kernel, dilation)

