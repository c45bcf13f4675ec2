"""Mixed up."""
# expect: misconception H and x on the wrong sides
# %% y_by_hand_solution
y_by_hand = [0.5 * 0.75 + 2 * 0.25, -1, -1]
