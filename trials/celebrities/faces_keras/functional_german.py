"""Funktionale Modelle, deutsche Kommentare, Float64 unterwegs."""
# expect: full marks
# %% prepare_solution
def prepare(images):
    # erst in Gleitkommazahlen, dann auf [-1, 1]
    bilder = np.array(images, dtype=np.float64)
    bilder = (bilder - 127.5) / 127.5
    return bilder.astype(np.float32)

# %% fcn_solution
keras.utils.set_random_seed(seed)
eingang = keras.Input(shape=(48, 48, 3))
h = layers.Flatten()(eingang)
h = layers.Dense(64)(h)
h = layers.BatchNormalization(momentum=0.9)(h)
h = layers.ReLU()(h)
ausgang = layers.Dense(8, activation="softmax")(h)
fcn = keras.Model(eingang, ausgang)

# %% cnn_solution
keras.utils.set_random_seed(seed)
eingang = keras.Input(shape=(48, 48, 3))
h = eingang
# drei Blöcke; die Karten werden durch Max-Pooling kleiner
for n in [12, 24, 32]:
    h = layers.Conv2D(n, (3, 3), activation="relu", padding="same")(h)
    h = layers.MaxPooling2D((2, 2))(h)
h = layers.Flatten()(h)
h = layers.Dropout(0.2)(h)
h = layers.Dense(48, activation="relu")(h)
ausgang = layers.Dense(8)(h)
ausgang = layers.Softmax()(ausgang)
cnn = keras.Model(eingang, ausgang)
