"""Checks that run in your own notebook: types, shapes, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true


def conv(kernel, stride=1, dilation=1):
    """A convolution with kernels of kernel x kernel, as in the notebook."""
    return {"kind": "conv", "kernel": kernel, "stride": stride, "dilation": dilation}


def pool(kernel, stride=None):
    """A max-pooling over kernel x kernel, as in the notebook."""
    return {"kind": "pool", "kernel": kernel, "stride": stride or kernel, "dilation": 1}


@pytest.mark.check("by_hand")
def test_first_field(student):
    """fields_by_hand holds four whole numbers, and one convolution with kernel 7 sees 7 pixels."""
    fields = student["fields_by_hand"]
    assert_shape(fields, (4,), what="fields_by_hand")
    assert_matches(np.asarray(fields)[0], 7, what="the first number")


@pytest.mark.check("receptive_field")
def test_example(student):
    """Your receptive_field gives 5 for two layers with kernel 3, and 8 for kernel 3, pooling 2, kernel 3."""
    assert_matches(student.call("receptive_field", [conv(3), conv(3)]), 5, what="two layers with kernel 3")
    assert_matches(
        student.call("receptive_field", [conv(3), pool(2), conv(3)]), 8, what="kernel 3, pooling 2, kernel 3"
    )


@pytest.mark.check("count_weights")
def test_one_layer(student):
    """A kernel of 7x7 for a single channel has 49 weights."""
    assert_matches(student.call("count_weights", [conv(7)], 1), 49)


@pytest.mark.check("vgg16")
def test_vgg16_lengths(student):
    """vgg16_stack and vgg16_fields have 18 entries each: 13 convolutions and 5 poolings."""
    stack = student["vgg16_stack"]
    assert_true(
        isinstance(stack, list | tuple) and len(stack) == 18,
        "vgg16_stack is not a list of 18 layers",
        "how many convolutions do the five blocks have, and how many poolings?",
    )
    assert_shape(student["vgg16_fields"], (18,), what="vgg16_fields")


@pytest.mark.check("build_stack")
def test_example_map(student, framework):
    """Your model of one 2x2 convolution without padding makes a 2x2 map of a 3x3 image, with the right numbers."""
    image = np.arange(1, 10, dtype=np.float32).reshape((1, 3, 3, 1) if framework == "keras" else (1, 1, 3, 3))
    expected = np.array([6.0, 8.0, 12.0, 14.0]).reshape((1, 2, 2, 1) if framework == "keras" else (1, 1, 2, 2))
    outputs = student.build("build_stack", [conv(2)], [np.array([[1.0, 0.0], [0.0, 1.0]])]).predict(image)
    assert_matches(outputs, expected, rtol=1e-3, atol=1e-4, what="the map")


@pytest.mark.check("measured_field")
def test_measured_example(student):
    """The experiment finds 5 pixels for two layers with kernel 3 and weights of 1."""
    kernels = [np.ones((3, 3)), np.ones((3, 3))]
    assert_matches(student.call("measured_field", [conv(3), conv(3)], kernels, 5), 5, what="measured_field")
