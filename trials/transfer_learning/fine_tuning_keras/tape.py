"""Das Modell als Klasse, mit GradientTape und festen Batch-Normalisierungen."""
# expect: full marks
# %% preprocess_solution
side = backbone.SIDE[network]


def preprocess(images):
    b = []
    for bild in backbone.resize(images, side):
        b.append(np.dstack([bild[:, :, 2] - 103.939, bild[:, :, 1] - 116.779, bild[:, :, 0] - 123.68]))
    return np.array(b, "float32")

# %% model_solution
keras.utils.set_random_seed(seed)
blocks = backbone.load(network, "keras", top=False)


class Netz(keras.Model):
    def __init__(self):
        super().__init__()
        self.bloecke = blocks
        self.kopf = layers.Dense(faces.CLASSES)

    def call(self, x, training=False):
        return self.kopf(self.bloecke(x, training=False))


model = Netz()
model(preprocess(x_train[:1]))

# %% freeze_solution
model.bloecke.trainable = False

# %% stage_1_solution
import tensorflow as tf


def lernen(gewichte, rate):
    adam = keras.optimizers.Adam(rate)
    verlust = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def schritt(x, y):
        with tf.GradientTape() as band:
            fehler = verlust(y, model(x))
        adam.apply(band.gradient(fehler, gewichte), gewichte)

    adam.build(gewichte)
    daten = tf.data.Dataset.from_tensor_slices((preprocess(x_train), y_train)).shuffle(80, seed=seed).batch(batch_size)
    for _ in range(epochs):
        for x, y in daten:
            schritt(x, y)


lernen(model.trainable_variables, head_rate)

# %% unfreeze_solution
model.bloecke.trainable = True
for schicht in blocks.layers:
    schicht.trainable = False
blocks.get_layer("block4_conv1").trainable = True

# %% stage_2_solution
lernen(blocks.get_layer("block4_conv1").trainable_weights + model.kopf.trainable_weights, fine_rate)
