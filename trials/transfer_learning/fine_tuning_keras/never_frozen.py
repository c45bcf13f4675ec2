"""Nothing is ever frozen."""
# expect: misconception nothing frozen
# expect: misconception everything unfrozen
# expect: misconception frozen blocks trained
# %% freeze_solution
pass

# %% unfreeze_solution
pass
