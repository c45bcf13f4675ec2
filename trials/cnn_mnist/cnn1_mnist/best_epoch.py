"""The best in place of the last epoch."""
# expect: misconception best epoch
# %% results_solution
raw_accuracy, standardized_accuracy = raw_history["val_accuracy"][-1], history["val_accuracy"][-1]
raw_gap, standardized_gap = overfitting_gap(raw_history)[-1], overfitting_gap(history)[-1]
raw_accuracy, standardized_accuracy = max(raw_history["val_accuracy"]), max(history["val_accuracy"])
