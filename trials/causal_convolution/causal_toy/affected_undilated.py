"""Forgets the dilation in the last question."""
# expect: misconception no dilation
# %% affected_solution
affected = [5, 6, 7]

