"""Everything that is used, whatever its sign."""
# expect: misconception everything that is used
# %% wolf_solution
w = wolf_weights = explain(trained.wolf, photo, segments, design_matrix(500, 16, seed), 0.005)
speaks_for = [k for k in range(16) if w[k] != 0]
speaks_against = [k for k in range(16) if w[k] < 0]
