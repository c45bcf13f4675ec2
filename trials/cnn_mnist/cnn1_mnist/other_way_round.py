"""Another gap."""
# expect: misconception the other way round
# %% gap_solution
def overfitting_gap(history):
    return np.array(history['val_accuracy']) - np.array(history['accuracy'])


def after_training(history):
    return history["val_accuracy"][-1], overfitting_gap(history)[-1]
