"""Checks that run in your own notebook: shapes, types, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true


def native(framework, image):
    """An image (H, W, C) in the framework's layout."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)) if framework == "torch" else image


@pytest.mark.check("positions")
def test_positions_example(student):
    """positions gives 2 rows and 3 columns for the small example, and a single position for a mask like the image."""
    assert_matches(student.call("positions", 6, 8, 3, 2), (2, 3), what="positions(6, 8, 3, 2)")
    assert_matches(student.call("positions", 5, 5, 5, 4), (1, 1), what="positions(5, 5, 5, 4)")


@pytest.mark.check("n_positions")
def test_n_positions_is_a_number(student):
    """n_positions is a whole number, and larger than 100."""
    value = student["n_positions"]
    assert_shape(value, (), what="n_positions")
    number = np.asarray(value)
    assert_true(number.dtype.kind in "iu", "n_positions is no whole number")
    assert_true(int(number) > 100, "n_positions is too small", "the mask moves to the right AND down")


@pytest.mark.check("occlude")
def test_occlude_example(student, framework):
    """occlude gives the small example of the text, in every channel, as float32."""
    expected = np.zeros((3, 4, 3), dtype=np.float32)
    expected[1:3, 2:4] = 0.5
    image = native(framework, np.zeros((3, 4, 3), dtype=np.float32))
    assert_matches(student.call("occlude", image, 1, 2, 2), native(framework, expected), dtype="float32")


@pytest.mark.check("occlusion_map")
def test_occlusion_map_shape(student, framework):
    """The map of an image of 28 x 28 pixels, with a mask of 8 and a stride of 5, has the shape (5, 5)."""
    image = native(framework, np.linspace(0, 1, 28 * 28 * 3, dtype=np.float32).reshape(28, 28, 3))
    assert_shape(student.call("with_network", "occlusion_map", None, image, 7, 8, 5), (5, 5), what="the map")


@pytest.mark.check("occlusion_map")
def test_nothing_is_covered(student, framework):
    """In an image that has the mask's grey all over, nothing can be covered: the map is 0 everywhere."""
    image = native(framework, np.full((28, 28, 3), 0.25, dtype=np.float32))
    drops = student.call("with_network", "occlusion_map", None, image, 1, 10, 9, 0.25)
    assert_matches(drops, np.zeros((3, 3)), atol=1e-5, what="the map")


@pytest.mark.check("most_important")
def test_most_important_example(student):
    """Where the upper left position costs most, its pixel is (0, 0)."""
    drops = np.array([[0.9, 0.1, 0.0], [0.2, -0.3, 0.4]])
    assert_matches(student.call("most_important", drops, 4), (0, 0))
