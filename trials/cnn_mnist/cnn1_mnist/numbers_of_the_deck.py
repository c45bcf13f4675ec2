"""What the deck says."""
# expect: loses points
# % gap_solution
def overfitting_gap(history):
    return np.array(history["accuracy"]) - np.array(history["val_accuracy"])


def after_training(history):
    return (0.925, 0.075) if len(history["loss"]) > 1 else (0.75, 0.15)
