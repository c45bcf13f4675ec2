"""Checks that run in your own notebook: shapes, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape

EXAMPLE = [np.array([[1.0]]), np.array([-2.0]), np.array([[4.0]]), np.array([-8.0])]


@pytest.mark.check("y_by_hand")
def test_three_numbers(student):
    """y_by_hand holds three numbers, and the last one, where the gate is closed, is that of x."""
    assert_shape(student["y_by_hand"], (3,), what="y_by_hand")
    assert_matches(student["y_by_hand"][2], 4.0, what="the last number")


@pytest.mark.check("highway")
def test_highway_example(student):
    """Your highway gives 1 for the example, in the shape of its input."""
    assert_matches(student.call("highway", np.array([[2.0]]), *EXAMPLE), np.array([[1.0]]))


@pytest.mark.check("jacobian")
def test_jacobian_examples(student):
    """Your jacobian gives 1 and -1 for the two examples."""
    x, (w_h, b_h, w_t, b_t) = np.array([2.0]), EXAMPLE
    constant = student.call("jacobian", x, w_h, b_h, 0 * w_t, 0 * b_t)
    assert_matches(constant, np.array([[1.0]]), what="the Jacobian where the gate is constant")
    assert_matches(student.call("jacobian", x, *EXAMPLE), np.array([[-1.0]]), what="the Jacobian where the gate moves")


@pytest.mark.check("layer")
def test_layer_example(student, framework):
    """Your layer gives 1 for the example."""
    layer = student.build("highway_layer" if framework == "keras" else "HighwayLayer", *EXAMPLE)
    answer = layer.predict(np.array([[2.0]], dtype=np.float32))
    assert_matches(answer, np.array([[1.0]]), rtol=1e-3, atol=1e-3)


@pytest.mark.check("gate_bias")
def test_half(student):
    """A bias of 0 carries one half."""
    assert_matches(student.call("gate_bias", 0.5), 0.0)
