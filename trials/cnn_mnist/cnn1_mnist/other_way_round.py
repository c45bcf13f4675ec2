"""Another gap."""
# expect: misconception the other way round
# %% gap_solution
def overfitting_gap(history):
    return np.array(history['val_accuracy']) - np.array(history['accuracy'])
