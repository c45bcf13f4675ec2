"""Checks that run in your own notebook: shapes, types, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape


@pytest.mark.check("memory")
def test_one_layer(student):
    """A kernel of size 3 with dilation 4 has a memory of 8 and a receptive field of 9."""
    assert_matches(student.call("memory", [(3, 4)]), 8, what="memory([(3, 4)])")
    assert_matches(student.call("receptive_field", [(3, 4)]), 9, what="receptive_field([(3, 4)])")


@pytest.mark.check("doubling_dilations")
def test_doubling_examples(student):
    """Kernels of size 2 take four layers for 15 steps, and none for 0 steps."""
    assert_matches(student.call("doubling_dilations", 2, 15), [1, 2, 4, 8], what="doubling_dilations(2, 15)")
    assert_shape(student.call("doubling_dilations", 2, 0), (0,), what="doubling_dilations(2, 0)")


@pytest.mark.check("make_stack")
def test_stack_of_one_layer(student, framework):
    """A stack of one layer with the kernel (1, 10) and dilation 2 makes (10, 20, 31, 42) of (1, 2, 3, 4)."""
    shape = (1, 4, 1) if framework == "keras" else (1, 1, 4)
    x = np.array([1.0, 2.0, 3.0, 4.0], dtype=np.float32).reshape(shape)
    answer = student.build("make_stack", [np.array([1.0, 10.0])], [2]).predict(x)
    assert_shape(answer, shape, what="the output")
    assert_matches(answer, np.array([10.0, 20.0, 31.0, 42.0]).reshape(shape), rtol=1e-3, atol=1e-3, what="the output")


@pytest.mark.check("measured_memory")
def test_measured_example(student):
    """The kernels (0, 1) and (2, 3) with dilations 1 and 2 look 2 steps back."""
    kernels = [np.array([0.0, 1.0]), np.array([2.0, 3.0])]
    assert_matches(student.call("measured_memory", kernels, [1, 2]), 2, what="the measured memory")
