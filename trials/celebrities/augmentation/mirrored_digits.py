"""What is good for faces is good for digits."""
# expect: misconception mirrored digits
# %% harmless_solution
for_faces = ["horizontal flip", "small rotation", "small shift"]
for_digits = for_faces
