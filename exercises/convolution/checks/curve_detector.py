"""Checks that run in your own notebook: the small examples of the text, and what the pictures show."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true

PATCH, KERNEL = np.array([[1, 2], [3, 4]]), np.array([[0, 1], [2, 3]])


@pytest.mark.check("response")
def test_response_example(student):
    """Your response is 20 for the small example."""
    assert_matches(student.call("response", PATCH, KERNEL), 20.0)


@pytest.mark.check("deck_responses")
def test_responses_are_numbers(student):
    """Both responses are single numbers, and the curve's is the larger one."""
    curve, other = student["response_curve"], student["response_other"]
    for name, value in (("response_curve", curve), ("response_other", other)):
        assert_shape(value, (), what=name)
    assert_true(
        bool(np.asarray(curve) > np.asarray(other)),
        "the response to OTHER is at least as large as the one to CURVE",
        "which of the two patches looks like the kernel?",
    )


@pytest.mark.check("correlation")
def test_correlation_examples(student):
    """Your correlation is 1 for the small example, and -1 where the patch is turned into its negative."""
    assert_matches(student.call("correlation", PATCH, KERNEL), 1.0)
    assert_matches(student.call("correlation", 9 - PATCH, KERNEL), -1.0, what="the correlation of the negative")


@pytest.mark.check("find")
def test_find_example(student):
    """Your find gives (0, 2) for the small example, and place is a row and a column of PICTURE."""
    image = np.array([[9, 9, 0, 1], [9, 9, 2, 3]])
    assert_matches(student.call("find", image, KERNEL), (0, 2))
    place = student["place"]
    assert_shape(place, (2,), what="place")
    assert_true(
        bool(np.isin(np.asarray(place), np.arange(24)).all() and np.isin(np.asarray(place)[0], np.arange(14))),
        "no 7x7 patch of a 20x30 picture begins at this place",
        "the upper left pixel is asked for, the row first",
    )
