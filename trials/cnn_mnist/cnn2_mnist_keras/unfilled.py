"""Nothing filled in."""
# expect: misconception the network as it was handed out
# %% model_solution
keras.utils.set_random_seed(seed)
model = keras.Sequential([keras.Input((28, 28, 1))])
for filters in (8, 8):
    model.add(layers.Conv2D(filters, 3, padding="same"))
    model.add(layers.BatchNormalization())
    model.add(layers.Activation("relu"))
model.add(layers.MaxPooling2D(2))
model.add(layers.Conv2D(16, 3, padding="same"))
model.add(layers.BatchNormalization())
model.add(layers.Activation("relu"))

model.add(layers.Flatten())
model.add(layers.Dense(40))
model.add(layers.BatchNormalization())
model.add(layers.Dropout(0.3))
model.add(layers.Activation("relu"))
model.add(layers.Dense(10))
model.add(layers.Activation("softmax"))
