"""Checks that run in your own notebook: shapes, types, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape


@pytest.mark.check("conv2d_valid")
def test_conv2d_example(student):
    """Your conv2d gives the 2x2 map of the small example, as float64."""
    image, kernel = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), np.array([[1, 0], [0, 1]])
    assert_matches(
        student.call("conv2d", image, kernel, "valid"), np.array([[6.0, 8.0], [12.0, 14.0]]), dtype="float64"
    )


@pytest.mark.check("conv2d_same")
def test_conv2d_same_example(student):
    """With padding="same", your conv2d gives the 3x3 map of the small example."""
    image, kernel = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), np.array([[1, 0], [0, 1]])
    expected = np.array([[6.0, 8.0, 3.0], [12.0, 14.0, 6.0], [7.0, 8.0, 9.0]])
    assert_matches(student.call("conv2d", image, kernel, "same"), expected)


@pytest.mark.check("relu")
def test_relu_example(student):
    """Your relu makes (0, 0, 2.5) of (-1, 0, 2.5)."""
    assert_matches(student.call("relu", np.array([-1.0, 0.0, 2.5])), np.array([0.0, 0.0, 2.5]), dtype="float64")


@pytest.mark.check("max_pool2d")
def test_max_pool2d_example(student):
    """Your max_pool2d gives (4, 8) for the 3x4 example, and leaves the third row out."""
    values = np.array([[1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 7.0, 8.0], [9.0, 9.0, 1.0, 0.0]])
    assert_matches(student.call("max_pool2d", values, 2), np.array([[4.0, 8.0]]))


@pytest.mark.check("feature_map")
def test_shapes(student):
    """feature_map and activation are 4x4, pooled is 2x2, and the map begins with 32.5."""
    feature_map = student["feature_map"]
    assert_shape(feature_map, (4, 4))
    assert_shape(student["activation"], (4, 4))
    assert_shape(student["pooled"], (2, 2))
    assert_matches(np.asarray(feature_map)[0, 0], 32.5, what="the upper left number of feature_map")


@pytest.mark.check("feature_map_same")
def test_same_shape(student):
    """feature_map_same is 6x6 and begins with 129.5."""
    feature_map_same = student["feature_map_same"]
    assert_shape(feature_map_same, (6, 6))
    assert_matches(np.asarray(feature_map_same)[0, 0], 129.5, what="the upper left number")
