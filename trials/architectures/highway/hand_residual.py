"""Everything added."""
# expect: misconception all of x added
# %% y_by_hand_solution
y_by_hand = [2.125, 0, 4]
