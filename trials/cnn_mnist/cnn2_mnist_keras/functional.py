"""The functional API with a helper."""
# expect: full marks
# %% model_solution
keras.utils.set_random_seed(seed)


def block(x, filters):
    x = layers.Conv2D(filters, (3, 3), padding="same")(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)


inputs = keras.Input(shape=(28, 28, 1))
x = block(inputs, 8)
x = block(x, 8)
x = layers.MaxPooling2D((2, 2))(x)
x = block(x, 16)
x = block(x, 16)
x = layers.MaxPooling2D((2, 2))(x)
x = layers.Flatten()(x)
x = layers.Dense(40)(x)
x = layers.BatchNormalization()(x)
x = layers.Dropout(0.3)(x)
x = layers.ReLU()(x)
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs, outputs)
