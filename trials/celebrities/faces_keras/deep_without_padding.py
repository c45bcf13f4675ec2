"""Convolutions without padding, dropout between them, global names with numpy functions."""
# expect: full marks
# %% prepare_solution
def prepare(images):
    return np.divide(np.subtract(images, 127.5), 127.5, dtype=np.float64).astype("float32")

# %% fcn_solution
keras.utils.set_random_seed(seed)
fcn = keras.models.Sequential()
fcn.add(keras.Input((48, 48, 3)))
fcn.add(layers.Flatten())
for units in (120, 60):
    fcn.add(layers.Dense(units))
    fcn.add(layers.Activation("relu"))
fcn.add(layers.Dense(8, activation=keras.activations.softmax))

# %% cnn_solution
keras.utils.set_random_seed(seed)
cnn = keras.models.Sequential()
cnn.add(keras.Input((48, 48, 3)))
cnn.add(layers.Conv2D(12, 3, activation="relu"))
cnn.add(layers.MaxPooling2D(2))
cnn.add(layers.Conv2D(24, 3, activation="relu"))
cnn.add(layers.MaxPooling2D(2))
cnn.add(layers.Conv2D(32, 3, activation="relu"))
cnn.add(layers.MaxPooling2D(2))
cnn.add(layers.Dropout(0.1))
cnn.add(layers.Flatten())
cnn.add(layers.Dense(64, activation="relu"))
cnn.add(layers.Dense(8, activation="softmax"))
