"""Another gap."""
# expect: misconception gap of the losses
# %% gap_solution
def overfitting_gap(history):
    return np.array(history['val_loss']) - np.array(history['loss'])
