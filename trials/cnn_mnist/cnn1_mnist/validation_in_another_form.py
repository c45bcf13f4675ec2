"""Trained on standardized images, measured on raw ones."""
# expect: loses points
# %% training_solution
raw_model, raw_history = fit(as_input(x_train), as_input(x_val))
model, history = fit(standardize(x_train), as_input(x_val))
