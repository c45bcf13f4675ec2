"""Another gap."""
# expect: misconception gap of the losses
# %% gap_solution
def overfitting_gap(history):
    return np.array(history['val_loss']) - np.array(history['loss'])


def after_training(history):
    return history["val_accuracy"][-1], overfitting_gap(history)[-1]
