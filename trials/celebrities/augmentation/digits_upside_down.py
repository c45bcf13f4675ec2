"""An 8 and a 0 stay what they are after a half turn."""
# expect: misconception digits upside down
# %% harmless_solution
for_faces = ["horizontal flip", "small rotation", "small shift"]
for_digits = ["small rotation", "half turn", "small shift"]
