"""The lasso's absolute weights, scaled to 1, as importances."""
# expect: loses points
# %% fit_forest_solution
def fit_forest(design, scores, seed):
    w = np.abs(fit_lasso(design, scores, 0.001)) + 1e-9
    return w / w.sum()
