"""Checks that run in your own notebook: shapes, types, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true


@pytest.mark.check("y_by_hand")
def test_first_number(student):
    """y_by_hand holds three numbers, and the first one is 20."""
    assert_shape(student["y_by_hand"], (3,))
    assert_matches(student["y_by_hand"][0], 20.0, what="the first number")


@pytest.mark.check("causal_conv1d")
def test_function_example(student):
    """Your causal_conv1d gives (10, 20, 31, 42) for the second example, as float64."""
    x, kernel = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 10.0])
    answer = student.call("causal_conv1d", x, kernel, 2)
    assert_matches(answer, np.array([10.0, 20.0, 31.0, 42.0]), dtype="float64")


@pytest.mark.check("causal_layer")
def test_layer_example(student):
    """Your layer gives (10, 20, 31, 42) for the second example."""
    shape = (1, 4, 1) if str(student["framework"]) == "keras" else (1, 1, 4)
    x = np.array([1.0, 2.0, 3.0, 4.0], dtype=np.float32).reshape(shape)
    answer = student.build("causal_layer", np.array([1.0, 10.0]), 2).predict(x)
    assert_shape(answer, shape)
    expected = np.array([10.0, 20.0, 31.0, 42.0]).reshape(shape)
    assert_matches(answer, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.check("affected")
def test_affected_are_steps(student):
    """affected is a list of steps from 0 to 11, and the changed step is one of them."""
    assert_shape(student["affected"], (None,), what="affected")
    affected = np.asarray(student["affected"])
    assert_true(
        bool(np.isin(affected, np.arange(12)).all() and np.isin(5, affected)),
        "affected holds something else than steps from 0 to 11, or lacks the changed step",
        "the kernel's last number belongs to the present",
    )
