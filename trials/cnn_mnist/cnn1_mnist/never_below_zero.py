"""Another gap."""
# expect: misconception never below zero
# %% gap_solution
def overfitting_gap(history):
    return np.abs(np.array(history['accuracy']) - np.array(history['val_accuracy']))
