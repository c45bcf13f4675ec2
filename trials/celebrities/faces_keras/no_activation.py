"""Convolutions without activations."""
# expect: misconception no activation
# %% cnn_solution
keras.utils.set_random_seed(seed)
cnn = keras.Sequential([keras.Input((48, 48, 3))])
for filters in (8, 16, 32):
    cnn.add(layers.Conv2D(filters, 3, padding="same"))
    cnn.add(layers.BatchNormalization(momentum=0.9))
    cnn.add(layers.MaxPooling2D(2))
cnn.add(layers.Flatten())
cnn.add(layers.Dense(32))
cnn.add(layers.Dense(8, activation="softmax"))
