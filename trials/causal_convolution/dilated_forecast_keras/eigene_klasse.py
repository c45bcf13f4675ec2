"""Eine eigene Modellklasse mit eigener causal gepolsterter Schicht."""
# expect: full marks
# %% make_model_solution
class Netz(keras.Model):
    def __init__(self, kernel_size, dilations):
        super().__init__()
        self.faltungen = [layers.Conv1D(32, kernel_size, dilation_rate=d) for d in dilations]
        self.raender = [(kernel_size - 1) * d for d in dilations]
        self.dicht = layers.Dense(1)

    def call(self, x):
        for faltung, rand in zip(self.faltungen, self.raender):
            x = faltung(keras.ops.pad(x, ((0, 0), (rand, 0), (0, 0))))
        return self.dicht(x)[:, -look_ahead:]


def make_model(kernel_size, dilations):
    netz = Netz(kernel_size, dilations)
    netz(np.zeros((1, 20, 1), dtype="float32"))
    return netz


plain = make_model(5, (1, 1, 1, 1))
dilated = make_model(5, (1, 2, 4, 8))

