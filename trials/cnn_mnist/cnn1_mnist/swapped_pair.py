"""The gap first."""
# expect: misconception swapped
# % gap_solution
def overfitting_gap(history):
    return np.array(history["accuracy"]) - np.array(history["val_accuracy"])


def after_training(history):
    return overfitting_gap(history)[-1], history["val_accuracy"][-1]
