"""Deutsche Kommentare; der Lasso von Hand, mit weicher Schwelle (ISTA)."""
# expect: full marks
# %% design_matrix_solution
def design_matrix(number, superpixels, seed):
    zufall = np.random.RandomState(seed)
    unten = (zufall.rand(number - 1, superpixels) < 0.5).astype(int)
    return np.vstack([np.ones((1, superpixels), dtype=int), unten])
# %% perturb_solution
def perturb(image, segments, present, grey=0.5):
    maske = np.take(present, segments)[:, :, None]     # 1 = bleibt
    return (image * maske + grey * (1 - maske)).astype(image.dtype)
# %% fit_lasso_solution
def fit_lasso(design, scores, penalty):
    # zentrieren ersetzt den Achsenabschnitt
    x = design - design.mean(axis=0)
    y = scores - scores.mean()
    schritt = len(y) / np.linalg.eigvalsh(x.T @ x).max()
    w = np.zeros(x.shape[1])
    for _ in range(3000):
        w = w + schritt * x.T @ (y - x @ w) / len(y)
        w = np.sign(w) * np.maximum(np.abs(w) - schritt * penalty, 0)   # weiche Schwelle
    return w
# %% explain_solution
def explain(score, image, segments, design, penalty):
    bilder = np.empty((len(design),) + image.shape, dtype=image.dtype)
    for n, zeile in enumerate(design):
        bilder[n] = perturb(image, segments, zeile)
    return fit_lasso(design, score(bilder), penalty)
# %% top_solution
def top_superpixels(weights, number):
    return sorted(range(len(weights)), key=lambda k: -weights[k])[:number]
