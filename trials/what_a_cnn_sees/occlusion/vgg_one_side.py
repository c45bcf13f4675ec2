"""One row of positions."""
# expect: misconception one side only
# %% n_positions_solution
n_positions = 12
