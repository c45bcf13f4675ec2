"""The best in place of the last epoch."""
# expect: misconception best epoch
# % gap_solution
def overfitting_gap(history):
    return np.array(history["accuracy"]) - np.array(history["val_accuracy"])


def after_training(history):
    return max(history["val_accuracy"]), overfitting_gap(history)[-1]
