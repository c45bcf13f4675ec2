"""Ridge regression."""
# expect: misconception squares instead of absolute values
# %% fit_lasso_solution
from sklearn.linear_model import Ridge

def fit_lasso(design, scores, penalty):
    return Ridge(alpha=penalty * len(design)).fit(design, scores).coef_
