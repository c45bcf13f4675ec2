"""A keras.Model of one's own, built by a call on zeros; the count asks Keras."""
# expect: full marks
# %% module_solution
class Inception(keras.Model):
    def __init__(self, f1, r3, f3, r5, f5, fp):
        super().__init__()
        self.zweig1 = layers.Conv2D(f1, (1, 1), activation="relu")
        self.zweig2 = keras.Sequential([layers.Conv2D(r3, (1, 1), activation="relu"),
                                        layers.Conv2D(f3, (3, 3), padding="same", activation="relu")])
        self.zweig3 = keras.Sequential([layers.Conv2D(r5, (1, 1), activation="relu"),
                                        layers.Conv2D(f5, (5, 5), padding="same", activation="relu")])
        self.zweig4 = keras.Sequential([layers.MaxPool2D((3, 3), (1, 1), padding="same"),
                                        layers.Conv2D(fp, (1, 1), activation="relu")])

    def call(self, x):
        return keras.ops.concatenate([self.zweig1(x), self.zweig2(x), self.zweig3(x), self.zweig4(x)], axis=-1)


def inception(channels, f1, r3, f3, r5, f5, fp):
    netz = Inception(f1, r3, f3, r5, f5, fp)
    netz(np.zeros((1, 5, 5, channels), dtype="float32"))
    return netz
# %% counting_solution
def count_inception(channels, f1, r3, f3, r5, f5, fp):
    m = inception(channels, f1, r3, f3, r5, f5, fp)
    return m.count_params(), f1 + f3 + f5 + fp


def count_naive(channels, f1, f3, f5):
    total = 0
    for k, f in ((1, f1), (3, f3), (5, f5)):
        layer = layers.Conv2D(f, k)
        layer.build((None, None, None, channels))
        total += layer.count_params()
    return total, f1 + f3 + f5 + channels
