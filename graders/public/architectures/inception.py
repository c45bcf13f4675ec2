"""Checks that run in your own notebook: shapes, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape


@pytest.mark.check("depth_concat")
def test_concat_example(student):
    """Your depth_concat lays (5, 6) into the middle of three rows, with a column of zeros on the right."""
    small, large = np.array([[[5.0], [6.0]]]), np.arange(1.0, 10.0).reshape(3, 3, 1)
    middle = np.array([[0.0, 0.0, 0.0], [5.0, 6.0, 0.0], [0.0, 0.0, 0.0]])
    expected = np.concatenate([middle[..., np.newaxis], large], axis=2)
    assert_matches(student.call("depth_concat", [small, large]), expected)


@pytest.mark.check("depth_concat")
def test_concat_lecture(student):
    """Of (14, 14, 2) and (16, 16, 3), your depth_concat makes (16, 16, 5)."""
    answer = student.call("depth_concat", [np.ones((14, 14, 2)), np.ones((16, 16, 3))])
    assert_shape(answer, (16, 16, 5))


@pytest.mark.check("module_weights")
def test_module_shape(student, framework):
    """Your module keeps height and width, and its result is as deep as its four branches together."""
    batch = np.zeros((2, 7, 6, 5), dtype=np.float32)
    if framework == "keras":
        assert_shape(student.build("inception", 5, 4, 2, 3, 1, 6, 2).predict(batch), (2, 7, 6, 15))
    else:
        answer = student.build("Inception", 5, 4, 2, 3, 1, 6, 2).predict(batch.transpose(0, 3, 1, 2))
        assert_shape(answer, (2, 15, 7, 6))


@pytest.mark.check("module_values")
def test_module_result(student, framework):
    """For a batch of 8 channels, your module gives 23, and none of them is negative."""
    model = student.model("module")
    batch = np.ones((1, 6, 5, 8) if framework == "keras" else (1, 8, 6, 5), dtype=np.float32)
    answer = model.predict(batch)
    assert_shape(answer, (1, 6, 5, 23) if framework == "keras" else (1, 23, 6, 5))
    assert_matches(np.minimum(answer, 0), np.zeros(answer.shape), what="the negative part of the result")


@pytest.mark.check("counting")
def test_one_channel(student):
    """With one channel and one filter everywhere: 44 parameters and depth 4, and 38 and 4 without reductions."""
    assert_matches(student.call("count_inception", 1, 1, 1, 1, 1, 1, 1), [44, 4])
    assert_matches(student.call("count_naive", 1, 1, 1, 1), [38, 4])
