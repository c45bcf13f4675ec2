"""Functional models, one helper for all, activations as layers."""
# expect: full marks
# %% lenet5_solution
def lenet5():
    """LeNet-5 as a model: 32x32 pixels in, 10 logits out."""
    x = inputs = keras.Input(shape=(32, 32, 1))
    for filters in (6, 16):
        x = layers.Conv2D(filters, (5, 5), padding="valid")(x)
        x = layers.Activation("tanh")(x)
        x = layers.AvgPool2D(pool_size=(2, 2), strides=(2, 2))(x)
    x = layers.Activation(keras.activations.tanh)(layers.Conv2D(120, 5)(x))
    x = layers.Flatten()(x)
    x = layers.Activation("tanh")(layers.Dense(84)(x))
    return keras.Model(inputs, layers.Dense(10, activation=None)(x), name="lenet5")
# %% alexnet_solution
def head(x, hidden, classes):
    x = layers.Flatten()(x)
    for _ in "ab":
        x = layers.Dense(hidden)(x)
        x = layers.ReLU()(x)
        x = layers.Dropout(rate=0.5)(x)
    return layers.Dense(classes, activation="linear")(x)


def alexnet(width=64, hidden=4096, classes=1000):
    """AlexNet as a model: 224x224 pixels in, logits out."""
    x = inputs = keras.Input((224, 224, 3))
    for times, kernel, stride, padding, pooled in ((1, 11, 4, 2, True), (3, 5, 1, 2, True), (6, 3, 1, 1, False),
                                                   (4, 3, 1, 1, False), (4, 3, 1, 1, True)):
        x = layers.ZeroPadding2D(padding)(x)
        x = layers.Conv2D(times * width, kernel, stride)(x)
        x = layers.ReLU()(x)
        if pooled:
            x = layers.MaxPool2D(3, 2)(x)
    return keras.Model(inputs, head(x, hidden, classes))
# %% vgg16_solution
def vgg16(width=64, hidden=4096, classes=1000):
    """VGG16 as a model: 224x224 pixels in, logits out."""
    x = inputs = keras.Input((224, 224, 3))
    filters = width
    for n in (2, 2, 3, 3, 3):
        for _ in range(n):
            x = layers.ReLU()(layers.Conv2D(filters, 3, padding="same")(x))
        x = layers.MaxPool2D(2, 2)(x)
        filters = min(2 * filters, 8 * width)
    return keras.Model(inputs, head(x, hidden, classes))
# %% inception_solution
def inception(channels, ones, reduced3, threes, reduced5, fives, pooled):
    """An inception module as a model."""
    x = keras.Input((None, None, channels))

    def c(y, f, k):
        y = layers.Conv2D(f, (k, k), padding="same")(y)
        return layers.Activation("relu")(y)

    towers = [
        c(x, ones, 1),
        c(c(x, reduced3, 1), threes, 3),
        c(c(x, reduced5, 1), fives, 5),
        c(layers.MaxPool2D((3, 3), strides=(1, 1), padding="same")(x), pooled, 1),
    ]
    return keras.Model(x, layers.concatenate(towers, axis=3))
# %% resnet_bottleneck_solution
def resnet_bottleneck(channels, middle):
    """A bottleneck block of ResNet-50 as a model."""
    x = inputs = keras.Input((None, None, channels))
    for i, (f, k) in enumerate([(middle, 1), (middle, 3), (channels, 1)]):
        x = layers.Conv2D(f, k, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        if i < 2:
            x = layers.Activation("relu")(x)
    return keras.Model(inputs, layers.Activation("relu")(x + inputs))
