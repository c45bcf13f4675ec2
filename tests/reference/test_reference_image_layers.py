"""Convolution and pooling of batches equal those of one channel, slow loops, and both frameworks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import convolution, image_layers

SIZES = [((6, 7), 3, 1), ((7, 7), 3, 2), ((8, 6), 3, 2), ((5, 9), 5, 1), ((6, 6), 1, 2), ((9, 8), 5, 3), ((4, 4), 2, 1)]


@pytest.mark.parametrize("padding", ["same", 0, 1])
@pytest.mark.parametrize(("size", "extent", "stride"), SIZES)
def test_convolution_is_a_sum_of_those_of_one_channel(size, extent, stride, padding):
    """Every channel convolved by itself, with loops, all added up, and every stride-th place kept."""
    rng = np.random.default_rng(0)
    batch, kernel, bias = rng.normal(size=(2, *size, 3)), rng.normal(size=(extent, extent, 3, 4)), rng.normal(size=4)
    around = [
        image_layers.same_pads(length, extent, stride) if padding == "same" else (padding, padding) for length in size
    ]
    expected = np.zeros((2, *image_layers.convolve(batch, kernel, bias, stride, padding).shape[1:]))
    for n, channel, f in np.ndindex(2, 3, 4):
        padded = np.pad(batch[n, ..., channel], around)
        expected[n, ..., f] += convolution.conv2d(padded, kernel[..., channel, f])[::stride, ::stride]
    actual = image_layers.convolve(batch, kernel, bias, stride, padding)
    np.testing.assert_allclose(actual, expected + bias, atol=1e-9)


@pytest.mark.parametrize(("size", "extent", "stride"), SIZES)
def test_the_same_padding_is_that_of_keras(size, extent, stride):
    """Keras' convolution and pooling with "same" agree, also with strides on even sizes."""
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(1)
    batch, kernel = rng.normal(size=(2, *size, 3)), rng.normal(size=(extent, extent, 3, 4))
    outputs = keras.ops.conv(batch.astype("float32"), kernel.astype("float32"), strides=stride, padding="same")
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(outputs), image_layers.convolve(batch, kernel, 0.0, stride), atol=1e-4
    )
    for pool, ours in (("max_pool", image_layers.max_pool), ("average_pool", image_layers.average_pool)):
        pooled = getattr(keras.ops, pool)(batch, extent, stride, "same")
        np.testing.assert_allclose(keras.ops.convert_to_numpy(pooled), ours(batch, extent, stride), atol=1e-6)


@pytest.mark.parametrize(("extent", "stride", "zeros"), [(3, 1, 1), (3, 2, 1), (5, 1, 2), (1, 2, 0), (5, 2, 1)])
def test_a_number_of_zeros_is_the_padding_of_torch(extent, stride, zeros):
    """PyTorch's convolution and max-pooling with so many zeros on each side agree."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    batch, kernel, bias = rng.normal(size=(2, 8, 7, 3)), rng.normal(size=(extent, extent, 3, 4)), rng.normal(size=4)
    images = torch.tensor(batch.transpose(0, 3, 1, 2))
    outputs = torch.nn.functional.conv2d(
        images, torch.tensor(kernel.transpose(3, 2, 0, 1)), torch.tensor(bias), stride, zeros
    )
    actual = image_layers.convolve(batch, kernel, bias, stride, zeros)
    np.testing.assert_allclose(actual.transpose(0, 3, 1, 2), outputs.numpy(), atol=1e-9)
    pooled = torch.nn.functional.max_pool2d(images, extent, stride, zeros)
    actual = image_layers.max_pool(batch, extent, stride, zeros)
    np.testing.assert_allclose(actual.transpose(0, 3, 1, 2), pooled.numpy(), atol=1e-12)


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 5))
def test_same_gives_a_result_for_every_stride(length, size, stride):
    """With the zeros of "same", exactly ceil(length / stride) windows fit, and the odd zero goes behind."""
    before, behind = image_layers.same_pads(length, size, stride)
    if before + behind or length >= size:
        assert (length + before + behind - size) // stride + 1 == -(-length // stride)
    assert 0 <= behind - before <= 1


def test_relu_keeps_the_positive_part():
    """Negative numbers become zero."""
    assert image_layers.relu([-1, 0, 2.5]).tolist() == [0, 0, 2.5]
