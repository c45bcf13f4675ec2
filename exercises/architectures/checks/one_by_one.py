"""Checks that run in your own notebook: shapes, types, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_parameters, assert_shape

FIBER, WEIGHTS, BIAS = np.array([1.0, 2.0, 3.0]), np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 1.0]]), np.array([0.5, 0.0])
NEW_FIBER = np.array([5.5, 1.0])


def image_of(framework, fiber):
    """A batch of one image of 2x3 pixels that all have this fiber, in the framework's layout."""
    image = np.broadcast_to(np.asarray(fiber, dtype=np.float32), (1, 2, 3, len(fiber)))
    return np.ascontiguousarray(image if framework == "keras" else image.transpose(0, 3, 1, 2))


@pytest.mark.check("by_hand")
def test_fiber_shape(student):
    """fiber_by_hand holds two numbers, one for each filter."""
    assert_shape(student["fiber_by_hand"], (2,), what="fiber_by_hand")


@pytest.mark.check("conv1x1")
def test_example(student):
    """Your conv1x1 makes (5.5, 1) of the fiber (1, 2, 3), at each pixel, as float64."""
    image = np.broadcast_to(FIBER, (2, 3, 3)).copy()
    expected = np.broadcast_to(NEW_FIBER, (2, 3, 2))
    assert_matches(student.call("conv1x1", image, WEIGHTS, BIAS), expected, dtype="float64")


@pytest.mark.check("conv_layer")
def test_conv_layer_example(student, framework):
    """Your convolution makes (5.5, 1) of the fiber (1, 2, 3)."""
    weights, bias = WEIGHTS.astype(np.float32), BIAS.astype(np.float32)
    outputs = student.build("conv_layer", weights, bias).predict(image_of(framework, FIBER))
    assert_matches(outputs, image_of(framework, NEW_FIBER), rtol=1e-3, atol=1e-4)


@pytest.mark.check("dense_layer")
def test_dense_layer_example(student, framework):
    """Your dense layer makes (5.5, 1) of the fiber (1, 2, 3), at each pixel."""
    weights, bias = WEIGHTS.astype(np.float32), BIAS.astype(np.float32)
    outputs = student.build("dense_layer", weights, bias).predict(image_of(framework, FIBER))
    assert_matches(outputs, image_of(framework, NEW_FIBER), rtol=1e-3, atol=1e-4)


@pytest.mark.check("saved_parameters")
def test_expensive(student):
    """A filter of 5x5 on 192 channels has 4800 weights, and one bias."""
    assert_matches(student.call("conv_parameters", 192, 1, 5), 5 * 5 * 192 + 1)


@pytest.mark.check("bottleneck")
def test_bottleneck_keeps_the_size(student, framework):
    """Your bottleneck from 6 channels over 2 to 4 filters of 3x3 keeps height and width, and has 14 + 76 parameters."""
    model = student.build("bottleneck", 6, 2, 4, 3)
    images = image_of(framework, np.zeros(6))
    assert_shape(model.predict(images), (1, 2, 3, 4) if framework == "keras" else (1, 4, 2, 3))
    assert_parameters(model.layers(images), total=14 + 76, what="your bottleneck")
