"""Linear regression."""
# expect: misconception no penalty
# %% fit_lasso_solution
from sklearn.linear_model import LinearRegression, Ridge

def fit_lasso(design, scores, penalty):
    return LinearRegression().fit(design, scores).coef_
