"""No shortcut at all."""
# expect: misconception shortcuts forgotten
# %% slopes_solution
plain_slope = residual_slope = 0.5 * -0.2 * 0.1 * 0.4
