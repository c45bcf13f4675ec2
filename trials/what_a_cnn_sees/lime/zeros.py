"""No weights at all."""
# expect: loses points
# %% fit_lasso_solution
def fit_lasso(design, scores, penalty):
    return np.zeros(design.shape[1])
