"""The images of the opposite design."""
# expect: misconception present and deleted changed places
# %% explain_solution
def explain(score, image, segments, design, penalty):
    y = score(np.stack([perturb(image, segments, 1 - row) for row in design]))
    return fit_lasso(design, y, penalty)
