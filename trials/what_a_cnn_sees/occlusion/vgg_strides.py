"""As many strides as fit into the image."""
# expect: misconception a step for each stride
# %% n_positions_solution
n_positions = len(range(0, 224, 18)) ** 2
