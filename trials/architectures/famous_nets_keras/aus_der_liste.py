"""The lists of the text are built layer by layer; German comments."""
# expect: full marks
# %% lenet5_solution
def bauen(netz, form, aktivierung="relu", pooling=layers.MaxPooling2D, dropout=0.0):
    m = keras.Sequential([keras.Input(form)])
    letzte = len(netz) - 1
    for i, l in enumerate(netz):
        if l["layer"] == "conv":
            if l["padding"]:
                m.add(layers.ZeroPadding2D(l["padding"]))  # nie "same": bei Schrittweite 4 stimmt das nicht
            m.add(layers.Conv2D(l["filters"], l["kernel"], l["stride"], activation=aktivierung))
        elif l["layer"] == "pool":
            m.add(pooling(l["kernel"], l["stride"]))
        elif l["layer"] == "flatten":
            m.add(layers.Flatten())
        elif i == letzte:
            m.add(layers.Dense(l["units"]))
        else:
            m.add(layers.Dense(l["units"], activation=aktivierung))
            if dropout:
                m.add(layers.Dropout(dropout))
    return m


def lenet5():
    """LeNet-5 as a model: 32x32 pixels in, 10 logits out."""
    return bauen(LENET5, (32, 32, 1), "tanh", layers.AveragePooling2D)
# %% alexnet_solution
def schmal(netz, width, hidden, classes):
    # aus 64 werden width Filter, die Dichten der Reihe nach
    neu = [{**l, "filters": l["filters"] * width // 64} if l["layer"] == "conv" else l for l in netz]
    return neu[:-3] + [dense(hidden), dense(hidden), dense(classes)]


def alexnet(width=64, hidden=4096, classes=1000):
    """AlexNet as a model: 224x224 pixels in, logits out."""
    return bauen(schmal(ALEXNET, width, hidden, classes), (224, 224, 3), dropout=0.5)
# %% vgg16_solution
def vgg16(width=64, hidden=4096, classes=1000):
    """VGG16 as a model: 224x224 pixels in, logits out."""
    return bauen(schmal(VGG16, width, hidden, classes), (224, 224, 3), dropout=0.5)
