"""AlexNet without dropout."""
# expect: misconception no dropout
# %% alexnet_solution
def alexnet(width=64, hidden=4096, classes=1000):
    """AlexNet as a model: 224x224 pixels in, logits out."""
    m = keras.Sequential([keras.Input((224, 224, 3))])
    m.add(layers.ZeroPadding2D(2)); m.add(layers.Conv2D(width, 11, strides=4, activation="relu"))
    m.add(layers.MaxPooling2D(3, strides=2))
    m.add(layers.Conv2D(3 * width, 5, padding="same", activation="relu"))
    m.add(layers.MaxPooling2D(3, strides=2))
    for times in (6, 4, 4):
        m.add(layers.Conv2D(times * width, 3, padding="same", activation="relu"))
    m.add(layers.MaxPooling2D(3, strides=2))
    m.add(layers.Flatten())
    for _ in range(2):
        m.add(layers.Dense(hidden, activation="relu"))
        pass
    m.add(layers.Dense(classes))
    return m
