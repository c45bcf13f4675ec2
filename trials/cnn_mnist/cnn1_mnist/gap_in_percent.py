"""Another gap."""
# expect: misconception in percent
# %% gap_solution
def overfitting_gap(history):
    return 100 * (np.array(history['accuracy']) - np.array(history['val_accuracy']))


def after_training(history):
    return history["val_accuracy"][-1], overfitting_gap(history)[-1]
