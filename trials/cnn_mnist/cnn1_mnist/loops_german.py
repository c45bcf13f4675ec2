"""Alles in Schleifen, deutsche Kommentare."""
# expect: full marks
# %% counting_solution
def conv_parameters(height, width, channels, filters):
    gewichte_je_filter = 0
    for _ in range(channels):
        gewichte_je_filter += height * width  # ein kleines Bild je Kanal
    return filters * (gewichte_je_filter + 1)  # und ein Bias

# %% standardize_solution
# Mittelwert und Streuung nur aus den Trainingsbildern
anzahl = len(x_train)
summe = np.zeros((28, 28))
for bild in x_train:
    summe += bild
x_mean = summe / anzahl
quadrate = np.zeros((28, 28))
for bild in x_train:
    quadrate += (bild - x_mean) ** 2
x_std = np.sqrt(quadrate / anzahl)


def standardize(images):
    ergebnis = np.zeros(images.shape, dtype=np.float32)
    for i in range(len(images)):
        ergebnis[i] = (images[i] - x_mean) / (x_std + 0.0001)
    return as_input(ergebnis)

# %% gap_solution
def overfitting_gap(history):
    luecke = []
    for auf_training, auf_validierung in zip(history["accuracy"], history["val_accuracy"]):
        luecke.append(auf_training - auf_validierung)
    return luecke


def after_training(history):
    letzte = len(history["loss"]) - 1
    auf_validierung = history["val_accuracy"][letzte]
    return [auf_validierung, history["accuracy"][letzte] - auf_validierung]

# %% training_solution
ergebnisse = {}
for name, vorbereitet in [("roh", as_input), ("standardisiert", standardize)]:
    ergebnisse[name] = fit(vorbereitet(x_train), vorbereitet(x_val))
raw_model, raw_history = ergebnisse["roh"]
model, history = ergebnisse["standardisiert"]
