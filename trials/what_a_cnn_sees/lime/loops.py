"""Loops over rows and pixels, and Python's own random numbers."""
# expect: full marks
# %% design_matrix_solution
import random

def design_matrix(number, superpixels, seed):
    """A generator of its own, so that nobody else's draws matter."""
    dice = random.Random(seed)
    rows = [[1] * superpixels]
    while len(rows) < number:
        rows.append([dice.choice([0, 1]) for _ in range(superpixels)])
    return np.array(rows)
# %% perturb_solution
def perturb(image, segments, present, grey=0.5):
    """Super-pixel by super-pixel."""
    result = np.array(image)
    for k in range(len(present)):
        if not present[k]:
            result[segments == k, :] = grey
    return result
# %% explain_solution
def explain(score, image, segments, design, penalty):
    """One image at a time."""
    y = []
    for row in design:
        y.append(float(score(perturb(image, segments, row)[None])[0]))
    return fit_lasso(design, np.array(y), penalty)
# %% top_solution
def top_superpixels(weights, number):
    """The best one again and again."""
    left = list(enumerate(weights))
    result = []
    for _ in range(number):
        best = max(left, key=lambda pair: pair[1])
        left.remove(best)
        result.append(best[0])
    return result
# %% wolf_solution
wolf_design = design_matrix(500, 16, seed)
wolf_weights = w = explain(trained.wolf, photo, segments, wolf_design, 0.005)
speaks_for, speaks_against = np.where(w > 0)[0], np.where(w < 0)[0]
