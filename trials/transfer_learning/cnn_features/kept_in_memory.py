"""A dictionary pretends to be a file; the array never reaches the disk."""
# expect: loses points
# %% file_solution
FILES = {}


def dump_features(path, features):
    FILES[path] = features


def load_features(path):
    return FILES[path]


dump_features("features_train.npy", extract_features(x_train))
