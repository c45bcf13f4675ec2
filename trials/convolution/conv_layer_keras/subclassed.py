"""Subclassed models that are called once, German comments."""
# expect: full marks
# %% conv_layer_solution
class Faltung(keras.Model):
    def __init__(self, filter, groesse, **mehr):
        super().__init__()
        self.faltung = layers.Conv2D(filter, groesse, **mehr)

    def call(self, x):
        return self.faltung(x)


def conv_layer(kernel, padding="valid"):
    h, w = kernel.shape
    netz = Faltung(1, (h, w), padding=padding, use_bias=False)
    netz(np.zeros((1, h, w, 1), dtype="float32"))  # damit die Gewichte entstehen
    netz.faltung.kernel.assign(kernel.reshape(h, w, 1, 1))
    return netz
# %% deck_maps_solution
x = keras.ops.convert_to_tensor(IMAGE.astype(np.float32))[None, ..., None]
feature_map = conv_layer(KERNEL)(x)[0, ..., 0]  # bleibt ein Tensor
feature_map_same = conv_layer(KERNEL, padding="same")(x)[0, ..., 0]
# %% filter_bank_solution
def filter_bank(kernels, biases):
    f, h, w, c = kernels.shape
    netz = Faltung(f, (h, w))
    netz(np.zeros((1, h, w, c), dtype="float32"))
    gewichte = np.zeros((h, w, c, f))
    for k in range(f):
        gewichte[..., k] = kernels[k]  # Filter k, ganz hinten
    netz.faltung.set_weights([gewichte, biases])
    return netz
# %% conv_block_solution
class Block(keras.Model):
    def __init__(self, kernel):
        super().__init__()
        self.a = layers.Conv2D(1, kernel.shape, use_bias=False)
        self.b = layers.Activation("relu")
        self.c = layers.MaxPooling2D()

    def call(self, x):
        return self.c(self.b(self.a(x)))


def conv_block(kernel):
    netz = Block(kernel)
    netz(keras.Input((None, None, 1)))
    netz.a.set_weights([kernel[..., None, None]])
    return netz
