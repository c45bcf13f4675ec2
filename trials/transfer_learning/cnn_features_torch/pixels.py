"""The classifier learns from pixels: no network has looked at them."""
# expect: misconception pixels in the file
# expect: loses points
# %% file_solution
def dump_features(path, features):
    np.save(path, features)


def load_features(path):
    return np.load(path)


dump_features("features_train.npy", preprocess(x_train).permute(0, 2, 3, 1).flatten(1).numpy())

# %% classifier_solution
classifier = LogisticRegression().fit(load_features("features_train.npy"), y_train)


def recognise(images):
    return classifier.predict(preprocess(images).permute(0, 2, 3, 1).flatten(1).numpy())
