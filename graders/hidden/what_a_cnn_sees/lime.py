"""Checks on LIME, step by step and together: any segmentation, unseen images, black boxes that nobody has seen."""

import digits
import numpy as np
import pytest
import trained

from referee.checks import Misconception, assert_matches, assert_shape, assert_true
from reference import lime, small_cnn

CLOSE = 1e-3  # of the largest weight: scikit-learn stops before the last digits


def segmentation(rng, height, width, superpixels):
    """Super-pixels of any form: each pixel belongs to the nearest of some random centres."""
    places = rng.permutation(height * width)[:superpixels]
    centres = np.stack([places // width, places % width], axis=1)
    pixels = np.stack(np.indices((height, width)), axis=-1)
    return np.square(pixels[:, :, np.newaxis] - centres).sum(axis=-1).argmin(axis=-1)


def random_design(rng, number, superpixels):
    """A right design matrix."""
    design = rng.integers(0, 2, size=(number, superpixels))
    design[0] = 1
    return design


def designed(student, number, superpixels, seed):
    """The student's design matrix, which holds nothing but 0 and 1."""
    answer = student.call("design_matrix", number, superpixels, seed)
    assert_shape(answer, (number, superpixels), what="the design matrix")
    design = np.asarray(answer)
    assert_true(
        design.dtype.kind in "iu" and bool(np.isin(design, (0, 1)).all()),
        "the design matrix holds something else than integers 0 and 1",
    )
    return design.astype(np.int64)


@pytest.mark.check("design_matrix", weight=2)
def test_design_is_random(student, rng):
    """Below the first row of ones, the entries of your design are 0 or 1 at random, each by itself."""
    design = designed(student, 801, 12, int(rng.integers(1000)))
    first, rest = design[0], design[1:]
    ones = "the first row is for the image itself: nothing is deleted there"
    assert_matches(first, np.ones(12), what="the first row", hint=ones)
    far = 5 * np.sqrt(0.25 / 800)  # five standard deviations
    shares = rest.mean(axis=0)
    assert_true(
        bool((np.abs(shares - 0.5) < far).all()),
        f"a super-pixel is present in {shares[np.argmax(np.abs(shares - 0.5))]:.0%} of the perturbed images",
        "0 and 1 have the same probability in each of them",
    )
    pairs = np.corrcoef(rest.T) - np.eye(12)
    together = "each entry is drawn by itself, whatever the others are"
    assert_true(bool((np.abs(pairs) < 2 * far).all()), "two super-pixels come and go together", together)
    counts = rest.sum(axis=1)
    assert_true(
        bool(2.2 < counts.var() < 3.9),
        f"the numbers of present super-pixels in a row have the variance {counts.var():.2f}, where about 3 is right",
        together,
    )
    kept = np.corrcoef(rest[:-1].ravel(), rest[1:].ravel())[0, 1]
    assert_true(bool(abs(kept) < 0.06), "rows that follow each other are alike", together)


@pytest.mark.check("design_matrix")
def test_design_depends_on_the_seed_alone(student, rng):
    """The same seed gives the same design again, and another seed another one."""
    seed = int(rng.integers(1000))
    first, other, again = (designed(student, 60, 9, s) for s in (seed, seed + 1, seed))
    assert_matches(again, first, what="the design of the same seed, asked for again")
    assert_true(
        not np.array_equal(first, other), "two different seeds give the same design", "where does `seed` come in?"
    )
    assert_true(not np.array_equal(first[1:31], first[30:]), "the rows repeat themselves")


def mistaken_images(image, segments, present, grey):
    """The usual wrong images."""
    right = lime.perturb(image, segments, present, grey)
    one_channel = image.copy()
    one_channel[..., 0] = right[..., 0]
    deleted = (right != image).any(axis=-1, keepdims=True)
    return [
        Misconception(
            "present and deleted changed places",
            "what does a 1 stand for, a super-pixel that is there or one that is not?",
            lime.perturb(image, segments, 1 - present, grey),
        ),
        Misconception(
            "black", "the deleted super-pixels are not as grey as they should be", np.where(deleted, 0, image)
        ),
        Misconception("only one channel", "grey has the same value in all channels", one_channel),
        Misconception(
            "super-pixels counted from 1",
            "the first super-pixel is number 0",
            lime.perturb(image, segments, np.roll(present, 1), grey),
        ),
    ]


@pytest.mark.check("perturb", weight=2)
def test_perturb_any_image(student, rng):
    """Your perturb works for images of any size and number of channels, any segmentation, and any grey."""
    for channels, grey in ((3, 0.5), (1, 0.3), (4, 0.9)):
        image, segments = rng.uniform(size=(19, 14, channels)).astype(np.float32), segmentation(rng, 19, 14, 10)
        present = rng.permutation([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
        assert_matches(
            student.call("perturb", image, segments, present, grey),
            lime.perturb(image, segments, present, grey),
            dtype="float32",
            misconceptions=mistaken_images(image, segments, present, grey),
            what=f"an image with {channels} channels and 4 of 10 super-pixels deleted",
        )


@pytest.mark.check("perturb")
def test_perturb_keeps_the_image(student, rng):
    """Your perturb changes nothing that it is given, deletes nothing for a row of ones; its default grey is 0.5."""
    image, segments = rng.uniform(size=(8, 12, 3)).astype(np.float32), segmentation(rng, 8, 12, 5)
    for present in (np.array([1, 0, 1, 1, 0]), np.ones(5, dtype=np.int64)):
        answer = student.outcome("perturb", image, segments, present)
        assert_true(
            not answer.changed, "the image, the segmentation or the row has changed", "work on a copy of the image"
        )
        assert_matches(
            answer.value,
            lime.perturb(image, segments, present),
            misconceptions=mistaken_images(image, segments, present, lime.GREY),
            what=f"the image with {int((present == 0).sum())} super-pixels deleted",
        )


def sparse(rng, superpixels):
    """Weights of which half are zero, with signs and sizes that are well apart."""
    sizes = np.linspace(0.3, 1.5, superpixels // 2) * np.where(np.arange(superpixels // 2) % 3 == 1, -1, 1)
    return rng.permutation(np.concatenate([sizes, np.zeros(superpixels - superpixels // 2)]))


def mistaken_weights(design, scores, penalty):
    """The usual wrong weights."""
    x, y = design - design.mean(axis=0), scores - scores.mean()

    def ridge(strength):
        return np.linalg.solve(x.T @ x + strength * np.eye(x.shape[1]), x.T @ y)

    def no_intercept():
        doubled = np.concatenate([design, -design]), np.concatenate([scores, -scores])
        return lime.lasso(*doubled, penalty)  # with its mirror image, all means are 0, and the intercept too

    return [
        Misconception("no penalty", "this is the least-squares fit: no weight is exactly zero", lambda: ridge(0.0)),
        Misconception(
            "squares instead of absolute values",
            "this is ridge regression: which norm makes weights zero?",
            lambda: ridge(penalty * len(x)),
        ),
        Misconception(
            "no intercept", "the score of an image without any super-pixel need not be 0: what is b for?", no_intercept
        ),
        Misconception(
            "the default penalty",
            "with every `penalty` the same comes out: where does it enter?",
            lambda: lime.lasso(design, scores, 1.0),
        ),
        Misconception(
            "correlations", "these are the correlations of each super-pixel with the score", lambda: correlations(x, y)
        ),
    ]


def correlations(x, y):
    """Of each column with the scores; all are measured from their means."""
    return (x * y[:, np.newaxis]).mean(axis=0) / (x.std(axis=0) * y.std())


def assert_weights(answer, right, wrong, what):
    """The weights are right, to a part of the largest."""
    close = CLOSE * float(np.abs(right).max())
    assert_matches(answer, right, rtol=CLOSE, atol=close, misconceptions=wrong, what=what)


@pytest.mark.check("fit_lasso", weight=2)
def test_lasso_of_any_scores(student, rng):
    """Your lasso finds the weights that minimize the text's function, for other numbers, sizes and penalties."""
    for number, superpixels, penalty in ((120, 12, 0.02), (200, 9, 0.1), (80, 20, 0.005)):
        design = random_design(rng, number, superpixels)
        scores = 2.0 + design @ sparse(rng, superpixels) + rng.normal(scale=0.05, size=number)
        assert_weights(
            student.call("fit_lasso", design, scores, penalty),
            lime.lasso(design, scores, penalty),
            mistaken_weights(design, scores, penalty),
            f"the weights of {superpixels} super-pixels with a penalty of {penalty}",
        )


def important(answer, superpixels):
    """The student's importances, (K,): not negative, and 1 in all."""
    assert_shape(answer, (superpixels,), what="the importances")
    values = np.asarray(answer)
    real = values.dtype.kind in "fiu" and bool(np.isfinite(values).all())
    assert_true(real and bool((values >= 0).all()), "an importance is negative, or no real number")
    assert_matches(values.sum(), 1.0, rtol=1e-6, what="the sum of the importances")
    return values


@pytest.mark.check("fit_forest", weight=2)
def test_forest_finds_either_or(student, rng):
    """Your forest finds the two super-pixels of a black box that wants either of them, but not both."""
    design = random_design(rng, 400, 8)
    one, other = (int(k) for k in rng.permutation(8)[:2])
    scores = (design[:, one] != design[:, other]).astype(np.float64)
    values = important(student.call("fit_forest", design, scores, int(rng.integers(100))), 8)
    assert_true(
        set(np.argsort(values)[-2:].tolist()) == {one, other} and bool(values[[one, other]].sum() > 0.6),
        "the two super-pixels that decide are not the most important ones",
        "is it a forest of trees that go on asking until the answers are pure?",
    )


@pytest.mark.check("fit_forest")
def test_forest_depends_on_the_seed_alone(student, rng):
    """The same seed gives the same importances again, and another seed slightly different ones."""
    design = random_design(rng, 60, 6)
    scores = design @ np.array([1.0, 0.5, -0.7, 0.0, 0.2, 0.1]) + rng.normal(scale=0.3, size=60)
    first, other, again = (important(student.call("fit_forest", design, scores, seed), 6) for seed in (3, 4, 3))
    assert_matches(again, first, what="the importances with the same seed, asked for again")
    assert_true(
        not np.array_equal(first, other), "two different seeds give the same importances", "where does `seed` come in?"
    )
    assert_true(
        bool(np.abs(first - other).max() < 0.15),
        "two seeds give very different importances",
        "how many trees are there?",
    )


def mistaken_explanations(score, image, segments, design, penalty):
    """The usual wrong explanations."""
    black = np.stack([lime.perturb(image, segments, row, 0.0) for row in design])
    return [
        Misconception(
            "present and deleted changed places",
            "every sign is wrong: are the super-pixels deleted that the design calls present?",
            -lime.explain(score, image, segments, design, penalty),
        ),
        Misconception(
            "black", "were the super-pixels deleted with the default grey?", lime.lasso(design, score(black), penalty)
        ),
        *mistaken_weights(design, score(np.stack([lime.perturb(image, segments, row) for row in design])), penalty)[:3],
    ]


def assert_explained(answer, score, question, what):
    """The student's weights are the reference's."""
    assert_weights(answer, lime.explain(score, *question), mistaken_explanations(score, *question), what)


@pytest.mark.check("explain", weight=2)
def test_explain_any_sum(student, rng):
    """Your explanation of black boxes that add up pixels is right, for any segmentation and design."""
    for height, width, superpixels in ((20, 15, 8), (9, 16, 5)):
        image, pixel_weights = rng.uniform(size=(2, height, width, 3))
        pixel_weights = (pixel_weights - 0.5) * (rng.uniform(size=(height, width, 1)) < 0.5)
        segments, design = segmentation(rng, height, width, superpixels), random_design(rng, 90, superpixels)

        def score(images, pixel_weights=pixel_weights):
            return (images * pixel_weights).sum(axis=(1, 2, 3))

        question = (image, segments, design, 0.05)
        answer = student.outcome("explain_sum", pixel_weights, *question)
        assert_true(not answer.changed, "the image, the segmentation or the design has changed", "work on copies")
        assert_explained(answer.value, score, question, f"the weights of {superpixels} super-pixels")


@pytest.mark.check("explain", weight=2)
def test_explain_unseen_digits(student, rng):
    """Your explanation of what the CNN says about unseen digits is right."""
    grey, labels = digits.load_test("digits")
    for number in rng.choice(len(grey), size=2, replace=False):
        image = trained.paint(grey[number : number + 1], int(rng.integers(2**31)))[0]
        label = int(labels[number])

        def score(images, label=label):
            return small_cnn.probabilities(trained.weights(), images)[:, label]

        question = (image, segmentation(rng, 28, 28, 10), random_design(rng, 120, 10), 0.004)
        answer = student.call("explain_digit", label, *question)
        assert_explained(answer, score, question, "the weights of 10 super-pixels")


@pytest.mark.check("top")
def test_top_of_any_weights(student, rng):
    """Your top_superpixels is right for other weights, and for any number of super-pixels."""
    for superpixels, number in ((7, 3), (16, 5), (9, 1)):
        weights = rng.permutation(np.linspace(-1.3, 1.0, superpixels))
        wrong = [
            Misconception(
                "by absolute value",
                "a large negative weight speaks against the class, not for it",
                lime.top(np.abs(weights), number),
            ),
            Misconception("the smallest first", "the strongest comes first", lime.top(weights, number)[::-1]),
            Misconception("what speaks against", "these speak against the class", lime.top(-weights, number)),
            Misconception(
                "weights instead of numbers", "which super-pixels are these?", np.sort(weights)[::-1][:number]
            ),
        ]
        assert_matches(
            student.call("top_superpixels", weights, number),
            lime.top(weights, number),
            misconceptions=wrong,
            what=f"the first {number} of {superpixels} super-pixels",
        )


@pytest.mark.check("top", weight=2)
def test_recovers_what_a_hidden_box_uses(student, rng):
    """All your steps together find the super-pixels that a black box uses which you never see, in their order."""
    image, segments = rng.uniform(size=(16, 18, 3)), segmentation(rng, 16, 18, 14)
    design = designed(student, 300, 14, int(rng.integers(1000)))
    used = rng.permutation(14)[:5]
    shares = np.zeros(14)
    shares[used] = [1.2, 0.8, 0.4, -0.6, -1.5]
    for n in range(0, 300, 60):
        perturbed = student.call("perturb", image, segments, design[n])
        assert_matches(perturbed, lime.perturb(image, segments, design[n]), what="a perturbed image")
    scores = 0.3 + design @ shares + rng.normal(scale=0.02, size=300)
    weights = student.call("fit_lasso", design, scores, 0.02)
    assert_shape(weights, (14,), what="the weights")
    assert_true(np.asarray(weights).dtype.kind == "f", "the weights are no real numbers")
    assert_matches(np.sign(weights), np.sign(shares), what="the signs of the weights")
    assert_matches(
        student.call("top_superpixels", np.asarray(weights), 3),
        [int(k) for k in used[:3]],
        what="what speaks for the class",
    )


@pytest.mark.check("wolf")
def test_wolf_weights(student):
    """Your own design matrix for the wolf, and the weights that belong to it and to the penalty of the text."""
    seed = student["seed"]
    assert_true(type(seed) is int and seed >= 0, "`seed` is no longer a whole number")
    design = designed(student, 500, 16, seed)
    assert_matches(student["wolf_design"], design, what="wolf_design")
    photo, segments = snow_and_sky(), lime.grid(28, 28, 4, 4)
    right = lime.explain(trained.wolf, photo, segments, design, 0.005)
    assert_matches(
        student["wolf_weights"], right, rtol=2e-4, atol=2e-4 * float(np.abs(right).max()), what="wolf_weights"
    )


def snow_and_sky():
    """The photo, as far as the wolf's black box looks at it."""
    photo = np.full((28, 28, 3), 0.4)
    photo[21:], photo[:7] = 0.95, 0.9
    return photo


@pytest.mark.check("wolf")
def test_wolf(student):
    """The super-pixels that raise and lower the wolf's score."""
    changes = wolf_changes()
    for_it, against = (np.flatnonzero(changes > 0).tolist(), np.flatnonzero(changes < 0).tolist())
    wrong = [
        Misconception(
            "everything that is used",
            "some of these lower the score: what is the sign for?",
            sorted([*for_it, *against]),
        ),
        Misconception("for and against changed places", "what does a positive weight mean?", against),
    ]
    assert_matches(student["speaks_for"], for_it, misconceptions=wrong, what="speaks_for")
    assert_matches(student["speaks_against"], against, what="speaks_against")


def wolf_changes():
    """What each super-pixel of the grid adds to the wolf's score: measured by deleting one at a time."""
    photo, segments = snow_and_sky(), lime.grid(28, 28, 4, 4)
    deleted = np.stack([lime.perturb(photo, segments, 1 - row) for row in np.eye(16, dtype=np.int64)])
    changes = trained.wolf(photo[np.newaxis])[0] - trained.wolf(deleted)
    return np.where(np.abs(changes) > 1e-9, changes, 0.0)
