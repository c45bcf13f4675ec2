"""The accuracy on the training digits."""
# expect: misconception training instead of validation
# % gap_solution
def overfitting_gap(history):
    return np.array(history["accuracy"]) - np.array(history["val_accuracy"])


def after_training(history):
    return history["accuracy"][-1], overfitting_gap(history)[-1]
