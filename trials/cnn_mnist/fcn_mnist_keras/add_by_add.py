"""model.add line by line as in the deck, the softmax inside the last dense layer; rows by float32 from the start."""
# expect: full marks
# %% to_rows_solution
def to_rows(images):
    return np.float32(images).reshape(-1, 784) / np.float32(255.0)

# %% model_solution
def make_model():
    model = keras.models.Sequential()
    model.add(keras.layers.InputLayer(shape=(784,)))
    model.add(keras.layers.Dense(500, name="d1"))
    model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Dropout(rate=0.3))
    model.add(keras.layers.Activation(keras.activations.relu))
    model.add(keras.layers.Dense(50, name="d2"))
    model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Dropout(rate=0.3))
    model.add(keras.layers.Activation(keras.activations.relu))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model
