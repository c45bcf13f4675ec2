"""For and against."""
# expect: misconception for and against changed places
# %% wolf_solution
wolf_design = design_matrix(500, 16, seed)
w = wolf_weights = explain(trained.wolf, photo, segments, wolf_design, 0.005)
speaks_for = [k for k in range(16) if w[k] < 0]
speaks_against = [k for k in range(16) if w[k] > 0]
