"""What the deck says."""
# expect: loses points
# %% results_solution
raw_accuracy, standardized_accuracy = raw_history["val_accuracy"][-1], history["val_accuracy"][-1]
raw_gap, standardized_gap = overfitting_gap(raw_history)[-1], overfitting_gap(history)[-1]
standardized_accuracy = 0.925
raw_accuracy = 0.76
raw_gap = 0.02
standardized_gap = 0.07
