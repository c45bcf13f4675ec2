"""A run on other images than its name says."""
# expect: misconception standardized run on raw images
# %% training_solution
raw_model, raw_history = fit(as_input(x_train), as_input(x_val))
model, history = fit(as_input(x_train), as_input(x_val))
