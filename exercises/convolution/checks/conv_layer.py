"""Checks that run in your own notebook: shapes, and numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape

IMAGE = [
    [255, 220, 150, 200, 110, 100],
    [240, 50, 35, 45, 200, 130],
    [0, 20, 245, 250, 230, 120],
    [170, 180, 235, 145, 170, 255],
    [190, 185, 170, 165, 130, 120],
    [255, 255, 245, 190, 200, 170],
]
KERNEL = np.array([[-0.7, 0.2, 0.1], [0.3, 0.5, 0.4], [-0.2, -0.4, 0.2]])


def grey(image, framework):
    """A batch of one image of one channel, in the framework's layout."""
    batch = np.asarray(image, dtype=np.float32)[np.newaxis]
    return np.expand_dims(batch, 3 if framework == "keras" else 1)


@pytest.mark.check("conv_layer")
def test_layer_example(student, framework):
    """Your layer gives the 2x2 map of the small example."""
    batch = grey([[1, 2, 3], [4, 5, 6], [7, 8, 9]], framework)
    answer = student.build("conv_layer", np.array([[1.0, 0.0], [0.0, 1.0]]), "valid").predict(batch)
    expected = grey([[6, 8], [12, 14]], framework)
    assert_shape(answer, expected.shape, what="the layer's result")
    assert_matches(answer, expected, rtol=1e-3, atol=1e-3, what="the layer's result")


@pytest.mark.check("deck_maps")
def test_map_shapes(student):
    """feature_map is 4x4 and begins with 32.5; feature_map_same is 6x6 and begins with 129.5."""
    for name, shape, first in (("feature_map", (4, 4), 32.5), ("feature_map_same", (6, 6), 129.5)):
        values = student[name]
        assert_shape(values, shape, what=name)
        assert_matches(np.asarray(values)[0, 0], first, rtol=1e-3, atol=0.2, what=f"the upper left number of {name}")


@pytest.mark.check("filter_bank")
def test_bank_example(student, framework):
    """Two filters of size 1x1 on three channels give, for each pixel, two sums of its channels and a bias."""
    kernels = np.array([[1.0, 10.0, 100.0], [0.0, 1.0, -1.0]]).reshape(2, 1, 1, 3)
    pixel = np.array([1.0, 2.0, 3.0], dtype=np.float32).reshape((1, 1, 1, 3) if framework == "keras" else (1, 3, 1, 1))
    answer = student.build("filter_bank", kernels, np.array([0.0, 5.0])).predict(pixel)
    expected = np.array([321.0, 4.0]).reshape((1, 1, 1, 2) if framework == "keras" else (1, 2, 1, 1))
    assert_shape(answer, expected.shape, what="the layer's result")
    assert_matches(answer, expected, rtol=1e-3, atol=1e-3, what="the layer's result")


@pytest.mark.check("parameter_count")
def test_count_example(student):
    """32 filters of 3x3 on a grey image have 320 parameters."""
    assert_matches(student.call("parameter_count", 32, 3, 3, 1), 320)


@pytest.mark.check("conv_block")
def test_block_on_the_lectures_image(student, framework):
    """For the lecture's image and filter, your block gives the four numbers of the text."""
    answer = student.build("conv_block", KERNEL).predict(grey(IMAGE, framework))
    expected = grey([[104.0, 224.0], [217.5, 52.5]], framework)
    assert_shape(answer, expected.shape, what="the block's result")
    assert_matches(answer, expected, rtol=1e-3, atol=0.2, what="the block's result")
