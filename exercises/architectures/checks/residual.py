"""Checks that run in your own notebook: shapes, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true


@pytest.mark.check("slopes")
def test_slopes_are_numbers(student):
    """plain_slope and residual_slope are numbers, one negative and one positive."""
    plain, residual = student["plain_slope"], student["residual_slope"]
    for value, name in ((plain, "plain_slope"), (residual, "residual_slope")):
        assert_shape(value, (), what=name)
    assert_true(
        bool(np.real(plain) < 0 < np.real(residual)),
        "the signs are not right",
        "one of the four slopes is negative; what is each of them plus one?",
    )


@pytest.mark.check("same_shape")
def test_one_pixel(student, framework):
    """Your block makes 2 of the pixel 3 of the example."""
    kernels = [np.zeros((3, 3)), np.zeros((3, 3))]
    kernels[0][1, 1], kernels[1][1, 1] = 2.0, -1.0
    shape, name = ((3, 3, 1, 1), "residual_block") if framework == "keras" else ((1, 1, 3, 3), "ResidualBlock")
    first, second = (kernel.reshape(shape) for kernel in kernels)
    block = student.build(name, first, np.array([-4.0]), second, np.array([1.0]))
    answer = block.predict(np.full((1, 1, 1, 1), 3.0, dtype=np.float32))
    assert_matches(answer, np.full((1, 1, 1, 1), 2.0), rtol=1e-3, atol=1e-3)


@pytest.mark.check("projection")
def test_projection_shape(student, framework):
    """From 2 channels to 4 filters with stride 2, your block makes 3x4 of 6x8."""
    kernels = [np.ones((3, 3, 2, 4)), np.ones((3, 3, 4, 4)), np.ones((1, 1, 2, 4))]
    batch, bias = np.ones((1, 6, 8, 2), dtype=np.float32), np.zeros(4)
    if framework == "keras":
        first, second, projection = kernels
        assert_shape(
            student.build("residual_block", first, bias, second, bias, projection, 2).predict(batch), (1, 3, 4, 4)
        )
    else:
        first, second, projection = (kernel.transpose(3, 2, 0, 1) for kernel in kernels)
        block = student.build("ResidualBlock", first, bias, second, bias, projection, 2)
        assert_shape(block.predict(batch.transpose(0, 3, 1, 2)), (1, 4, 3, 4))


@pytest.mark.check("first_gradient")
def test_small_stacks(student):
    """Your first_gradient gives 1, 0 and 2 for the three examples."""
    for weights, residual, expected in (([0.0, 0.5], False, 1.0), ([0.0, 0.0], False, 0.0), ([0.0, 0.0], True, 2.0)):
        answer = student.call("first_gradient", np.reshape(weights, (2, 1, 1)), np.array([[2.0]]), residual)
        assert_matches(answer, np.array([[expected]]), what=f"the gradient for {tuple(weights)}")


@pytest.mark.check("gradient_norms")
def test_norms_of_small_stacks(student):
    """For the last example, your gradient_norms gives 0 and 2."""
    assert_matches(student.call("gradient_norms", np.zeros((2, 1, 1)), np.array([[2.0]])), [0.0, 2.0])
