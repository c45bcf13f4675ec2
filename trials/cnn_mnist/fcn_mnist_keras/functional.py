"""The functional API, a loop over the hidden layers, ReLU and Softmax as layer classes; rows pixel by pixel."""
# expect: full marks
# %% to_rows_solution
def to_rows(images):
    rows = np.empty((len(images), 28 * 28), dtype=np.float32)
    for n, image in enumerate(images):
        rows[n] = image.flatten()
    rows /= 255
    return rows

# %% model_solution
def make_model():
    inputs = keras.Input(shape=(784,))
    x = inputs
    for units in [500, 50]:
        x = layers.Dense(units)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Dropout(0.3)(x)
        x = layers.ReLU()(x)
    x = layers.Dense(10)(x)
    outputs = layers.Softmax()(x)
    return keras.Model(inputs, outputs)
