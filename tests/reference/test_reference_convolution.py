"""The reference convolution agrees with the deck, with SciPy, and with the laws of convolution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal

from reference import convolution

IMAGE = [
    [255, 220, 150, 200, 110, 100],
    [240, 50, 35, 45, 200, 130],
    [0, 20, 245, 250, 230, 120],
    [170, 180, 235, 145, 170, 255],
    [190, 185, 170, 165, 130, 120],
    [255, 255, 245, 190, 200, 170],
]
KERNEL = [[-0.7, 0.2, 0.1], [0.3, 0.5, 0.4], [-0.2, -0.4, 0.2]]

sizes = st.integers(1, 4)
numbers = st.floats(-100, 100, width=32)


@st.composite
def image_and_kernel(draw):
    kernel = draw(st.tuples(sizes, sizes))
    image = tuple(size + draw(st.integers(0, 4)) for size in kernel)
    return draw(arrays(np.float64, image, elements=numbers)), draw(arrays(np.float64, kernel, elements=numbers))


def test_the_valid_map_of_the_deck():
    """The map of the deck's image has the values that follow from its formula, row by row."""
    expected = [[32.5, -105.5, -44, -60.5], [-105.5, 104, 224, 213.5], [185.5, 217.5, 38.5, 52.5], [54, 31, -18, 36.5]]
    np.testing.assert_allclose(convolution.conv2d(IMAGE, KERNEL), expected, atol=1e-9)


def test_the_same_map_of_the_deck():
    """The zero-padded map of the deck's image is as large as the image."""
    expected = [
        [129.5, 185.5, 206, 204, 92, -9],
        [217, 32.5, -105.5, -44, -60.5, -26],
        [29, -105.5, 104, 224, 213.5, -121],
        [120, 185.5, 217.5, 38.5, 52.5, -32.5],
        [170, 54, 31, -18, 36.5, -77],
        [286, 223, 196, 175.5, 147.5, 78],
    ]
    np.testing.assert_allclose(convolution.conv2d(IMAGE, KERNEL, "same"), expected, atol=1e-9)


def test_the_pooled_map_of_the_deck():
    """ReLU and 2x2 max-pooling give the transpose of what the slide prints."""
    pooled = convolution.max_pool2d(convolution.relu(convolution.conv2d(IMAGE, KERNEL)))
    np.testing.assert_allclose(pooled, np.transpose([[104, 217.5], [224, 52.5]]), atol=1e-9)


def test_the_flipped_kernel_of_the_deck():
    """A true convolution of the deck's image begins with -103, -129, -62, 120."""
    np.testing.assert_allclose(convolution.flipped_conv2d(IMAGE, KERNEL)[0], [-103, -129, -62, 120], atol=1e-9)


@given(image_and_kernel())
def test_valid_agrees_with_scipy(pair):
    """Without padding, the reference is SciPy's cross-correlation; flipped, its convolution."""
    image, kernel = pair
    np.testing.assert_allclose(convolution.conv2d(image, kernel), signal.correlate2d(image, kernel, "valid"), atol=1e-6)
    flipped = convolution.flipped_conv2d(image, kernel)
    np.testing.assert_allclose(flipped, signal.convolve2d(image, kernel, "valid"), atol=1e-6)


@given(image_and_kernel())
def test_same_is_a_window_of_the_full_map(pair):
    """The zero-padded map is the part of SciPy's full map that begins (size - 1) // 2 before the image."""
    image, kernel = pair
    full = signal.correlate2d(image, kernel, "full")
    top, left = (size - 1 - (size - 1) // 2 for size in kernel.shape)
    window = full[top : top + image.shape[0], left : left + image.shape[1]]
    np.testing.assert_allclose(convolution.conv2d(image, kernel, "same"), window, atol=1e-6)


@given(image_and_kernel(), st.floats(-5, 5), st.sampled_from(["valid", "same"]))
def test_convolution_is_linear_in_the_image(pair, factor, padding):
    """A sum of images gives the sum of their maps, and a factor passes through."""
    image, kernel = pair
    other = image[::-1] + 1
    together = convolution.conv2d(image + factor * other, kernel, padding)
    apart = convolution.conv2d(image, kernel, padding) + factor * convolution.conv2d(other, kernel, padding)
    np.testing.assert_allclose(together, apart, atol=1e-4)


@given(image_and_kernel())
def test_a_transposed_image_and_kernel_give_the_transposed_map(pair):
    """This is why the slide's map looks so plausible."""
    image, kernel = pair
    np.testing.assert_allclose(convolution.conv2d(image.T, kernel.T), convolution.conv2d(image, kernel).T, atol=1e-9)


def test_uint8_does_not_wrap_around():
    """Bright uint8 pixels under a uint8 kernel add up beyond 255."""
    image, kernel = np.full((2, 2), 200, dtype=np.uint8), np.ones((2, 2), dtype=np.uint8)
    result = convolution.conv2d(image, kernel)
    assert result.dtype == np.float64
    assert result.tolist() == [[800.0]]
    assert convolution.wrapped(result).tolist() == [[800 % 256]]


@pytest.mark.parametrize(
    ("padding", "shape"),
    [("valid", (4, 2)), ("same", (5, 5)), (0, (4, 2)), (2, (8, 6)), (((1, 0), (0, 3)), (5, 5))],
)
def test_shapes_by_padding(padding, shape):
    """Every kind of padding gives the shape that its formula says."""
    assert convolution.conv2d(np.ones((5, 5)), np.ones((2, 4)), padding).shape == shape


def test_an_unknown_padding_is_refused():
    """A misspelt padding does not silently become another one."""
    with pytest.raises(AssertionError, match="not 'full'"):
        convolution.conv2d(np.ones((3, 3)), np.ones((2, 2)), "full")  # type: ignore[arg-type] # wrong on purpose


@given(arrays(np.float64, st.tuples(sizes, sizes), elements=numbers))
def test_relu_is_idempotent_and_splits_a_number(values):
    """What is positive stays, and positive and negative parts add up to the number."""
    positive = convolution.relu(values)
    np.testing.assert_array_equal(convolution.relu(positive), positive)
    np.testing.assert_array_equal(positive - convolution.relu(-values), values)


@given(arrays(np.float64, st.tuples(st.integers(2, 7), st.integers(2, 7)), elements=numbers), st.integers(1, 3))
def test_max_pooling_keeps_the_largest_of_each_window(values, size):
    """Each pooled number is the maximum of its own window; incomplete windows are left out."""
    pooled = convolution.max_pool2d(values, size)
    assert pooled.shape == (values.shape[0] // size, values.shape[1] // size)
    for (row, column), number in np.ndenumerate(pooled):
        window = values[row * size : (row + 1) * size, column * size : (column + 1) * size]
        assert number == window.max()


def test_average_pooling_is_the_mean():
    """The misconception is what its name says."""
    assert convolution.average_pool2d([[1.0, 2.0], [3.0, 6.0]]).tolist() == [[3.0]]
