"""Schleifen statt NumPy, deutsche Kommentare: what both frameworks share."""
# expect: full marks
# %% counting_solution
def dense_parameters(inputs, units):
    anzahl = 0
    for _ in range(units):
        anzahl += inputs  # jede Einheit sieht jeden Eingang
        anzahl += 1       # und hat einen Bias
    return anzahl


def batch_norm_parameters(units):
    # gamma, beta werden gelernt; Mittelwert und Varianz nur beobachtet
    return [units + units, units + units]

# %% share_solution
def share_of_first(sizes):
    # alle gelernten Parameter der Reihe nach
    gesamt = 0
    letzte = len(sizes) - 2
    for i in range(len(sizes) - 1):
        gesamt += dense_parameters(sizes[i], sizes[i + 1])
        if i < letzte:
            gesamt += batch_norm_parameters(sizes[i + 1])[0]
    erste = dense_parameters(sizes[0], sizes[1])
    return erste / gesamt

# %% accuracy_solution
def accuracy_of(outputs, labels):
    richtig = 0
    for zeile, label in zip(outputs, labels):
        beste = 0
        for k in range(len(zeile)):
            if zeile[k] > zeile[beste]:
                beste = k
        if beste == label:
            richtig += 1
    return richtig / len(labels)


def standard_error(accuracy, number):
    return (accuracy * (1 - accuracy)) ** 0.5 / number ** 0.5
