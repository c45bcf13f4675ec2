"""Answers what influences y[5]."""
# expect: misconception the steps that y[5] depends on
# %% affected_solution
affected = [1, 3, 5]

