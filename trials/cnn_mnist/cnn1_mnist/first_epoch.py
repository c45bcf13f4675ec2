"""Index 0."""
# expect: misconception first epoch
# % gap_solution
def overfitting_gap(history):
    return np.array(history["accuracy"]) - np.array(history["val_accuracy"])


def after_training(history):
    return history["val_accuracy"][0], overfitting_gap(history)[0]
