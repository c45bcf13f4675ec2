"""The classifier's answers are the labels of the training pictures, over and over."""
# expect: loses points
# %% classifier_solution
classifier = None


def recognise(images):
    return np.resize(y_train, len(images))
