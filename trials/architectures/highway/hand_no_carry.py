"""Nothing carried."""
# expect: misconception nothing carried
# %% y_by_hand_solution
y_by_hand = [0.125, 1, 0]
