"""The penalty is forgotten."""
# expect: misconception the default penalty
# %% fit_lasso_solution
def fit_lasso(design, scores, penalty):
    return Lasso().fit(design, scores).coef_
