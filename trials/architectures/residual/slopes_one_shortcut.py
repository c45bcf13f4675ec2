"""One shortcut around everything."""
# expect: misconception one shortcut around all
# %% slopes_solution
plain_slope = -0.004
residual_slope = 1 + plain_slope
