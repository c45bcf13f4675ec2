"""Nothing is unfrozen for the second stage."""
# expect: misconception nothing unfrozen
# %% unfreeze_solution
pass
