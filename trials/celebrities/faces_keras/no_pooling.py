"""Nothing makes the maps smaller, so that the first dense layer is huge."""
# expect: misconception maps that stay large
# expect: misconception a large CNN
# %% cnn_solution
keras.utils.set_random_seed(seed)
cnn = keras.Sequential([
    keras.Input((48, 48, 3)),
    layers.Conv2D(8, 3, padding="same", activation="relu"),
    layers.Conv2D(8, 3, padding="same", activation="relu"),
    layers.Dropout(0.3),
    layers.Flatten(),
    layers.Dense(32, activation="relu"),
    layers.Dense(8, activation="softmax"),
])
