"""The classifier learns from pixels: no network has looked at them."""
# expect: misconception pixels in the file
# expect: loses points
# %% file_solution
def dump_features(path, features):
    np.save(path, features)


def load_features(path):
    return np.load(path)


dump_features("features_train.npy", preprocess(x_train).reshape(len(x_train), -1))

# %% classifier_solution
classifier = LogisticRegression().fit(load_features("features_train.npy"), y_train)


def recognise(images):
    return classifier.predict(preprocess(images).reshape(len(images), -1))
