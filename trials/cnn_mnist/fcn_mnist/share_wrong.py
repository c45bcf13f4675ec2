"""Another number for the accuracy."""
# expect: misconception the share of wrong ones
# %% accuracy_solution
def accuracy_of(outputs, labels):
    return np.mean(outputs.argmax(axis=1) != labels)


def standard_error(accuracy, number):
    return np.sqrt(accuracy * (1 - accuracy) / number)
