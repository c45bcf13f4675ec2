"""The lasso without an intercept."""
# expect: misconception no intercept
# %% fit_lasso_solution
def fit_lasso(design, scores, penalty):
    return Lasso(alpha=penalty, fit_intercept=False).fit(design, scores).coef_
