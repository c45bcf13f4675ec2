"""A run on other images than its name says."""
# expect: misconception raw run on standardized images
# %% training_solution
raw_model, raw_history = fit(standardize(x_train), standardize(x_val))
model, history = fit(standardize(x_train), standardize(x_val))
