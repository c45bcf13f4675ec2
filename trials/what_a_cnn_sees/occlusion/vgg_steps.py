"""Eleven steps on each side."""
# expect: misconception one position too few for each side
# %% n_positions_solution
n_positions = (198 // 18) ** 2
