"""Checks that run in your own notebook: shapes, types, and what the text says in numbers."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_parameters, assert_shape, assert_true

SEEN, LOOK_AHEAD = 128, 10


def shape(framework, size, steps):
    """The shape of series in the framework's layout."""
    return (size, steps, 1) if framework == "keras" else (size, 1, steps)


@pytest.mark.check("gen_data")
def test_shapes(student, framework):
    """X and Y have the shapes of three series, are float32, and without noise no number is larger than 1."""
    answer = student.call("gen_data", 3, 0.0, 5)
    assert_true(isinstance(answer, (list, tuple)) and len(answer) == 2, "gen_data does not return two arrays")
    for name, values, steps in zip("XY", answer, (SEEN, LOOK_AHEAD), strict=True):
        assert_shape(values, shape(framework, 3, steps), what=name)
        assert_true(np.asarray(values).dtype == np.float32, f"{name} is of {np.asarray(values).dtype}, not of float32")
        assert_true(bool(np.abs(values).max() <= 1), f"{name} has numbers beyond 1", "two sines are multiplied")


@pytest.mark.check("make_model")
def test_first_layer(student, framework):
    """A network of a single convolution has its 192 parameters, and 33 for the dense layer; forecasts have 10 steps."""
    series = np.zeros(shape(framework, 2, 40), dtype=np.float32)
    assert_parameters(student.build("make_model", 5, [1]).layers(series[:1]), total=192 + 33, frozen=0)
    assert_shape(student.build("make_model", 5, [1]).predict(series), shape(framework, 2, LOOK_AHEAD))


@pytest.mark.check("measures")
def test_measures(student, framework):
    """The baseline has the shape of Y, and the mean squared error of (1, 2) and (1, 4) is 2."""
    X = np.arange(2 * SEEN, dtype=np.float32).reshape(shape(framework, 2, SEEN))
    assert_shape(student.call("baseline", X), shape(framework, 2, LOOK_AHEAD), what="the baseline")
    answer = student.call("mse", np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    assert_matches(answer, 2.0, rtol=1e-5, what="mse")


@pytest.mark.check("experiment")
def test_losses(student):
    """losses has three numbers: of the two networks, the dilated one has the smaller loss."""
    losses = student["losses"]
    names = {"baseline", "plain", "dilated"}
    assert_true(
        isinstance(losses, dict) and losses.keys() == names and all(isinstance(x, float) for x in losses.values()),
        'losses is no dictionary of a float each for "baseline", "plain" and "dilated"',
    )
    assert_true(losses["dilated"] < losses["plain"], "the dilated network has no smaller loss than the plain one")
