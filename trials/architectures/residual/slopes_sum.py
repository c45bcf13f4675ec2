"""Adds them up."""
# expect: misconception sum instead of product
# %% slopes_solution
plain_slope = 0.5 - 0.2 + 0.1 + 0.4
residual_slope = 1 + plain_slope
