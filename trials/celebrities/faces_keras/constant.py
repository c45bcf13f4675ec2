"""A CNN whose convolutions are there, but do nothing: their outputs are multiplied by zero."""
# expect: loses points
# %% cnn_solution
keras.utils.set_random_seed(seed)
inputs = keras.Input((48, 48, 3))
h = layers.Conv2D(8, 3, strides=4, padding="same", activation="relu")(inputs)
h = layers.Conv2D(8, 3, strides=4, padding="same", activation="relu")(h)
h = layers.Rescaling(0.0)(h)
h = layers.Flatten()(layers.Dropout(0.1)(h))
cnn = keras.Model(inputs, layers.Dense(8, activation="softmax")(h))
