"""VGG16 without its dense layers."""
# expect: misconception convolutions only
# %% vgg16_solution
def vgg16(width=64, hidden=4096, classes=1000):
    """VGG16 as a model: 224x224 pixels in, logits out."""
    m = keras.Sequential([keras.Input((224, 224, 3))])
    for n, times in ((2, 1), (2, 2), (3, 4), (3, 8), (3, 8)):
        for _ in range(n):
            m.add(layers.Conv2D(times * width, 3, padding="same", activation="relu", use_bias=True))
        m.add(layers.MaxPooling2D(2))
    m.add(layers.GlobalAveragePooling2D())
    return m
