"""For and against."""
# expect: misconception for and against changed places
# %% wolf_solution
w = wolf_weights = explain(trained.wolf, photo, segments, design_matrix(500, 16, seed), 0.005)
speaks_for = [k for k in range(16) if w[k] < 0]
speaks_against = [k for k in range(16) if w[k] > 0]
