"""Checks that run in your own notebook: shapes, types, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true


@pytest.mark.check("design_matrix")
def test_design_shape(student):
    """Your design matrix has the wanted shape, holds integers 0 and 1, and begins with a row of ones."""
    answer = student.call("design_matrix", 20, 6, 1)
    assert_shape(answer, (20, 6), what="the design matrix")
    design = np.asarray(answer)
    assert_true(
        design.dtype.kind in "iu" and bool(np.isin(design, (0, 1)).all()),
        "it holds something else than integers 0 and 1",
    )
    assert_matches(design[0], np.ones(6), what="the first row")


@pytest.mark.check("perturb")
def test_perturb_example(student):
    """perturb gives the small example of the text."""
    image = np.array([[0.1, 0.2, 0.3], [0.4, 0.6, 0.7]])[..., np.newaxis]
    segments, present = np.array([[0, 0, 1], [2, 1, 1]]), np.array([1, 0, 1])
    expected = np.array([[0.1, 0.2, 0.5], [0.4, 0.5, 0.5]])[..., np.newaxis]
    assert_matches(student.call("perturb", image, segments, present), expected)


@pytest.mark.check("fit_lasso")
def test_lasso_example(student):
    """The lasso finds (3, 0) in the example of the text."""
    design = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    weights = student.call("fit_lasso", design, np.array([0.0, 0.0, 4.0, 4.0]), 0.25)
    assert_matches(weights, np.array([3.0, 0.0]), atol=1e-3)


@pytest.mark.check("fit_forest")
def test_forest_example(student):
    """Where only one super-pixel decides, it has all the importance."""
    design = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
    importances = student.call("fit_forest", design, design[:, 0].astype(float), 3)
    assert_matches(importances, np.array([1.0, 0.0]), atol=1e-6)


@pytest.mark.check("explain")
def test_explain_example(student):
    """Your explanation of a box that adds up the upper left pixel alone finds its super-pixel."""
    image, pixel_weights = np.ones((4, 4, 1)), np.zeros((4, 4, 1))
    pixel_weights[0, 0] = 8.0
    segments = np.arange(16).reshape(4, 4) // 8  # an upper and a lower half
    design = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    weights = student.call("explain_sum", pixel_weights, image, segments, design, 0.25)
    assert_matches(weights, np.array([3.0, 0.0]), atol=1e-3, what="the weights of the upper and the lower half")


@pytest.mark.check("top")
def test_top_example(student):
    """top_superpixels gives the small example of the text."""
    assert_matches(student.call("top_superpixels", np.array([0.1, -0.7, 0.4]), 2), [2, 0])


@pytest.mark.check("wolf")
def test_wolf_lists(student):
    """speaks_for and speaks_against hold numbers of super-pixels in increasing order."""
    for name in ("speaks_for", "speaks_against"):
        value = student[name]
        assert_shape(value, (None,), what=name)
        found = np.asarray(value)
        known = found.dtype.kind in "iu" and bool(np.isin(found, np.arange(16)).all())
        assert_true(known, f"{name} holds something else than super-pixels from 0 to 15, or nothing")
        assert_matches(found, np.unique(found), what=name, hint="in increasing order, each once")
