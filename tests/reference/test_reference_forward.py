"""The layers in NumPy compute what PyTorch's layers and a slow loop compute."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from reference import forward
from reference.forward import Array

RANDOM = np.random.default_rng(0)


def channels_first(images: Array) -> torch.Tensor:
    return torch.tensor(np.moveaxis(images, -1, 1))


def channels_last(outputs: torch.Tensor) -> Array:
    return np.moveaxis(outputs.numpy(), 1, -1)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 2])
@pytest.mark.parametrize("dilation", [1, 2])
def test_convolution_is_torchs(stride, padding, dilation):
    """With every stride, padding and dilation, on images and kernels that are not square."""
    images, kernel, bias = RANDOM.normal(size=(2, 9, 11, 3)), RANDOM.normal(size=(3, 2, 3, 4)), RANDOM.normal(size=4)
    expected = functional.conv2d(
        channels_first(images),
        torch.tensor(kernel.transpose(3, 2, 0, 1)),
        torch.tensor(bias),
        stride,
        padding,
        dilation,
    )
    actual = forward.conv2d(images, kernel, bias, stride=stride, padding=padding, dilation=dilation)
    np.testing.assert_allclose(actual, channels_last(expected), atol=1e-12)


def test_convolution_by_hand():
    """One filter over two channels: all products under the window, added up."""
    images, kernel = RANDOM.normal(size=(1, 3, 4, 2)), RANDOM.normal(size=(2, 2, 2, 1))
    slow = [[np.sum(images[0, r : r + 2, c : c + 2] * kernel[..., 0]) for c in range(3)] for r in range(2)]
    np.testing.assert_allclose(forward.conv2d(images, kernel)[0, :, :, 0], slow, atol=1e-12)


@pytest.mark.parametrize(("size", "stride", "padding"), [(2, 2, 0), (3, 2, 0), (3, 1, 1), (2, 3, 0), (1, 1, 0)])
def test_max_pooling_is_torchs(size, stride, padding):
    """Windows that overlap, leave gaps, or reach over the border; of negative numbers, too."""
    images = RANDOM.normal(size=(2, 8, 9, 3)) - 2.0
    expected = functional.max_pool2d(channels_first(images), size, stride, padding)
    np.testing.assert_array_equal(forward.max_pool2d(images, size, stride, padding), channels_last(expected))


@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 2), (2, 1)])
def test_average_pooling_is_torchs(size, stride):
    """Without a stride, windows do not overlap."""
    images = RANDOM.normal(size=(2, 7, 9, 3))
    expected = functional.avg_pool2d(channels_first(images), size, stride)
    np.testing.assert_allclose(forward.average_pool2d(images, size, stride), channels_last(expected), atol=1e-12)


@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))
@settings(deadline=None)
def test_output_size_counts_places(size, kernel, stride, padding, dilation):
    """As many places as there are starts from which the dilated window does not leave the padded axis."""
    reach = dilation * (kernel - 1)
    places = [start for start in range(0, size + 2 * padding, stride) if start + reach < size + 2 * padding]
    assert max(forward.output_size(size, kernel, stride, padding, dilation), 0) == len(places)


def test_whole_numbers_do_not_wrap():
    """uint8 images are computed in float64."""
    images = np.full((1, 2, 2, 1), 200, dtype=np.uint8)
    assert forward.conv2d(images, np.ones((2, 2, 1, 1), dtype=np.uint8)).item() == 800.0


def test_a_window_that_does_not_fit():
    """A kernel larger than the image is the caller's mistake."""
    with pytest.raises(AssertionError, match="does not fit"):
        forward.conv2d(np.zeros((1, 2, 2, 1)), np.zeros((3, 3, 1, 1)))


def test_relu():
    """Negative numbers become 0."""
    assert forward.relu(np.array([-1.0, 0.0, 2.5])).tolist() == [0.0, 0.0, 2.5]
