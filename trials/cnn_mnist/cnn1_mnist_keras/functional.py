"""The functional API, fused activations."""
# expect: full marks
# %% model_solution
def make_model():
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(filters=32, kernel_size=(3, 3), padding="same", activation="relu")(inputs)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
