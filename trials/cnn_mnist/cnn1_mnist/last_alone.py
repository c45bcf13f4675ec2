"""Another gap."""
# expect: misconception last epoch alone
# %% gap_solution
def overfitting_gap(history):
    return history['accuracy'][-1] - history['val_accuracy'][-1]


def after_training(history):
    return history["val_accuracy"][-1], overfitting_gap(history)
