"""Another formula for the standard error."""
# expect: misconception standard deviation of one image
# %% accuracy_solution
def accuracy_of(outputs, labels):
    return np.mean(np.argmax(outputs, axis=1) == labels)


def standard_error(accuracy, number):
    return np.sqrt(accuracy * (1 - accuracy))
