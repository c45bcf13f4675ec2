"""Another formula for the standard error."""
# expect: misconception no square root
# %% accuracy_solution
def accuracy_of(outputs, labels):
    return np.mean(np.argmax(outputs, axis=1) == labels)


def standard_error(accuracy, number):
    return accuracy * (1 - accuracy) / number
