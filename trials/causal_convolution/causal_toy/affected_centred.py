"""Takes the convolution for a centred one."""
# expect: misconception centred
# %% affected_solution
affected = [3, 5, 7]

