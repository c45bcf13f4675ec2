"""One indexing step for all images, a pipeline of keyword arguments, tuples and arrays as results."""
# expect: full marks
# %% design_matrix_solution
def design_matrix(number, superpixels, seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    x = rng.choice(2, size=(number, superpixels))
    x[:1, :] = 1
    return x
# %% perturb_solution
def perturb(image, segments, present, grey=0.5):
    there = np.isin(segments, np.flatnonzero(present))
    return np.where(there[..., None], image, np.array(grey, dtype=image.dtype))
# %% fit_lasso_solution
def fit_lasso(design, scores, penalty):
    model = Lasso(alpha=penalty, fit_intercept=True, max_iter=50_000, tol=1e-8)
    model.fit(np.asarray(design, dtype=float), scores)
    return model.coef_.tolist()
# %% fit_forest_solution
def fit_forest(design, scores, seed):
    model = RandomForestRegressor(n_estimators=100, random_state=np.random.RandomState(seed))
    model.fit(design, scores)
    return model.feature_importances_
# %% explain_solution
def explain(score, image, segments, design, penalty):
    present = np.asarray(design)[:, segments]            # (N, H, W)
    many = np.where(present[..., None] == 1, image[None], 0.5)
    return np.array(fit_lasso(design, score(many), penalty))
# %% top_solution
def top_superpixels(weights, number):
    return np.argsort(-np.asarray(weights))[:number]
# %% wolf_solution
wolf_design = design_matrix(500, 16, seed)
wolf_weights = explain(trained.wolf, photo, segments, wolf_design, 0.005)
speaks_for = sorted(top_superpixels(wolf_weights, int((wolf_weights > 0).sum())).tolist())
speaks_against = sorted(top_superpixels(-wolf_weights, int((wolf_weights < 0).sum())).tolist())
