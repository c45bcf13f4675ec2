"""Schleifen statt Arrays; Kommentare auf Deutsch; ein Zufallswald; eine offene Datei."""
# expect: full marks
# %% preprocess_solution
def preprocess(images):
    ergebnis = []
    for bild in backbone.resize(images, side):
        rot, gruen, blau = bild[:, :, 0], bild[:, :, 1], bild[:, :, 2]
        # BGR, jede Farbe minus ihr Mittelwert; Kanäle zuerst
        ergebnis.append(np.stack([blau - 103.939, gruen - 116.779, rot - 123.68]))
    return torch.tensor(np.array(ergebnis), dtype=torch.float32)

# %% extractor_solution
schichten = [schicht for name, schicht in pretrained.named_children() if name != "predictions"]
extractor = nn.Sequential(*schichten).eval()

# %% features_solution
def extract_features(images):
    zeilen = []
    for bild in images:
        zeilen.append(extractor(preprocess(bild[np.newaxis])).detach().numpy()[0])
    return np.array(zeilen)

# %% file_solution
def dump_features(path, features):
    with open(path, "wb") as datei:
        np.save(datei, features)


def load_features(path):
    with open(path, "rb") as datei:
        return np.load(datei)


merkmale = extract_features(x_train)
dump_features("features_train.npy", merkmale)

# %% classifier_solution
from sklearn.ensemble import RandomForestClassifier

classifier = RandomForestClassifier(300, random_state=seed).fit(load_features("features_train.npy"), y_train)


def recognise(images):
    antwort = []
    for klasse in classifier.predict(extract_features(images)):
        antwort.append(int(klasse))
    return antwort
