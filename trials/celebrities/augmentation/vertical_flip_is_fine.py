"""The lecture's snippet taken at its word: more data, from a vertical flip as well."""
# expect: misconception vertical flip
# %% harmless_solution
for_faces = ["horizontal flip", "vertical flip", "small rotation", "small shift"]
for_digits = ["small rotation", "small shift"]
