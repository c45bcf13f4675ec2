"""Correlations instead of a fit."""
# expect: misconception correlations
# %% fit_lasso_solution
def fit_lasso(design, scores, penalty):
    return np.array([np.corrcoef(column, scores)[0, 1] if column.std() else 0 for column in design.T])
