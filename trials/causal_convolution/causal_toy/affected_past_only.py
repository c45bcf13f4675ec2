"""Forgets that the present sees itself."""
# expect: misconception without the present
# %% affected_solution
affected = [7, 9]

