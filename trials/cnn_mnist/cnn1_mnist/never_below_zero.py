"""Another gap."""
# expect: misconception never below zero
# %% gap_solution
def overfitting_gap(history):
    return np.abs(np.array(history['accuracy']) - np.array(history['val_accuracy']))


def after_training(history):
    return history["val_accuracy"][-1], overfitting_gap(history)[-1]
