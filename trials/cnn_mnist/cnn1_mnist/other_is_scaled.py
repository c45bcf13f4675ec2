"""A run on other images than its name says."""
# expect: misconception standardized run from 0 to 1
# %% training_solution
raw_model, raw_history = fit(as_input(x_train), as_input(x_val))
model, history = fit(as_input(x_train / 255), as_input(x_val / 255))
