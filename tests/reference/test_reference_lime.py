"""LIME by hand: the lasso against scikit-learn and against its own optimality, perturbed images pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import lime


def problem(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A design (60, 8) and scores that depend on some of its columns, with noise."""
    rng = np.random.default_rng(seed)
    design = rng.integers(0, 2, size=(60, 8))
    return design, 1.0 + design @ np.array([1.0, 0, -0.5, 0, 0, 2.0, 0, 0.1]) + rng.normal(scale=0.1, size=60)


def test_the_example_of_the_text():
    """Two super-pixels, four combinations: the lasso finds 3 where least squares would find 4."""
    design, scores = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 0.0, 4.0, 4.0])
    np.testing.assert_allclose(lime.lasso(design, scores, 0.25), [3.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(lime.lasso(design, scores, 0.0), [4.0, 0.0], atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.001, 0.01, 0.1, 0.4]))
@settings(max_examples=20, deadline=None)
def test_the_lasso_cannot_be_improved(seed, penalty):
    """Each weight that is not 0 correlates with the rest by exactly the penalty, and each other one by no more."""
    design, scores = problem(seed)
    weights = lime.lasso(design, scores, penalty)
    x, rest = design - design.mean(axis=0), scores - scores.mean()
    pull = x.T @ (rest - x @ weights) / len(x)
    used = weights != 0
    np.testing.assert_allclose(pull[used], penalty * np.sign(weights[used]), atol=1e-9)
    assert (np.abs(pull) <= penalty + 1e-9).all()


@pytest.mark.parametrize("penalty", [0.001, 0.02, 0.3])
def test_scikit_learn_agrees(penalty):
    """Its Lasso minimizes the same function, with an intercept that costs nothing."""
    linear_model = pytest.importorskip("sklearn.linear_model")
    design, scores = problem(1)
    expected = linear_model.Lasso(alpha=penalty, tol=1e-10, max_iter=100_000).fit(design, scores).coef_
    np.testing.assert_allclose(lime.lasso(design, scores, penalty), expected, atol=1e-6)


def test_a_column_that_never_changes_has_no_weight():
    """A super-pixel that is always present cannot be told from the intercept."""
    design, scores = problem(2)
    design[:, 4] = 1
    assert lime.lasso(design, scores, 0.01)[4] == 0


def test_deleted_superpixels_are_grey():
    """Pixel by pixel, the copy is grey where the super-pixel is not present, and the image elsewhere."""
    rng = np.random.default_rng(3)
    image, segments = rng.uniform(size=(5, 7, 3)).astype(np.float32), rng.integers(0, 4, size=(5, 7))
    present = np.array([1, 0, 0, 1])
    perturbed = lime.perturb(image, segments, present, 0.25)
    assert perturbed.dtype == np.float32
    for row, column in np.ndindex(5, 7):
        kept = present[segments[row, column]] == 1
        expected = image[row, column].tolist() if kept else [0.25] * 3
        assert perturbed[row, column].tolist() == expected


def test_the_grid_numbers_row_by_row():
    """Four by four squares of seven pixels; where sides cannot be divided, all super-pixels are there all the same."""
    segments = lime.grid(28, 28, 4, 4)
    assert [segments[0, 0], segments[0, 27], segments[7, 0], segments[27, 27]] == [0, 3, 4, 15]
    assert np.bincount(segments.ravel()).tolist() == [49] * 16
    assert np.unique(lime.grid(10, 13, 3, 4)).tolist() == list(range(12))


def test_a_sum_of_pixels_is_explained_by_what_they_add():
    """Without a penalty, the weight of a super-pixel is what its pixels add to the sum, compared with grey."""
    rng = np.random.default_rng(4)
    image, weights, segments = rng.uniform(size=(6, 6, 3)), rng.normal(size=(6, 6, 3)), lime.grid(6, 6, 2, 2)
    design = np.array([[int(bit) for bit in f"{number:04b}"] for number in range(16)])
    found = lime.explain(lambda images: (images * weights).sum(axis=(1, 2, 3)), image, segments, design, 0.0)
    added = (weights * (image - lime.GREY)).sum(axis=2)
    np.testing.assert_allclose(found, [added[segments == k].sum() for k in range(4)])


def test_the_largest_weights_come_first():
    """Signs count: what speaks against the class is never at the top."""
    assert lime.top(np.array([0.1, -0.7, 0.4]), 2) == [2, 0]
