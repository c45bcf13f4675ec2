"""1x1 convolutions are dense layers along the fibers, and what they save is what PyTorch's layers save."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from reference import forward
from reference import one_by_one as truth

sizes = st.integers(1, 300)
kernel_sizes = st.sampled_from([1, 3, 5, 7])


def test_the_fiber_of_the_text():
    """(1, 2, 3) becomes (5.5, 1)."""
    assert truth.conv1x1([1, 2, 3], [[1, 0], [2, -1], [0, 1]], [0.5, 0]).tolist() == [5.5, 1.0]


def test_it_is_a_convolution():
    """The same numbers come out of a convolution with kernels of 1x1."""
    random = np.random.default_rng(0)
    images, weights, bias = random.normal(size=(2, 4, 5, 3)), random.normal(size=(3, 6)), random.normal(size=6)
    expected = forward.conv2d(images, weights[np.newaxis, np.newaxis], bias)
    np.testing.assert_allclose(truth.conv1x1(images, weights, bias), expected, atol=1e-12)


def test_pixel_by_pixel():
    """A slow loop over pixels and filters, and no bias."""
    random = np.random.default_rng(0)
    image, weights = random.integers(0, 256, size=(3, 4, 2), dtype=np.uint8), random.normal(size=(2, 5))
    slow = [[[sum(float(x) * w for x, w in zip(fiber, column, strict=True)) for column in weights.T] for fiber in row]
            for row in image]  # fmt: skip
    np.testing.assert_allclose(truth.conv1x1(image, weights), slow, atol=1e-9)


@pytest.mark.parametrize("bias", [True, False])
@given(channels=sizes, filters=sizes, kernel_size=kernel_sizes)
def test_parameters_are_torchs(bias, channels, filters, kernel_size):
    """A convolution on PyTorch's "meta" device, which has no memory for them, has as many parameters."""
    layer = nn.Conv2d(channels, filters, kernel_size, bias=bias, device="meta")
    counted = sum(weight.numel() for weight in layer.parameters())
    assert truth.parameters(channels, filters, kernel_size, bias=bias) == counted


@given(sizes, sizes, sizes, kernel_sizes)
def test_what_is_saved(channels, reduced, filters, kernel_size):
    """Saved is what the direct convolution has more than the two others; by the closed formula."""
    saved = kernel_size**2 * filters * (channels - reduced) - channels * reduced - reduced
    assert truth.saved_parameters(channels, reduced, filters, kernel_size) == saved


def test_googlenets_first_reduction():
    """Inception 3a: 192 channels reduced to 16 before 32 filters of 5x5."""
    assert truth.parameters(192, 32, 5) == 153_632
    assert truth.bottleneck_parameters(192, 16, 32, 5) == 3_088 + 12_832
    assert truth.saved_parameters(192, 16, 32, 5) == 137_712


def test_the_bottleneck_is_torchs():
    """Two convolutions with "same" padding and a ReLU each."""
    torch.manual_seed(0)
    convolutions = nn.Conv2d(7, 3, 1), nn.Conv2d(3, 5, 3, padding="same")
    model = nn.Sequential(convolutions[0], nn.ReLU(), convolutions[1], nn.ReLU()).double()
    images = np.random.default_rng(0).normal(size=(2, 6, 8, 7))
    with torch.no_grad():
        expected = model(torch.tensor(images.transpose(0, 3, 1, 2))).numpy().transpose(0, 2, 3, 1)
    weights = [w.detach().numpy() for w in model.parameters()]
    weights = [w.transpose(2, 3, 1, 0) if w.ndim == 4 else w for w in weights]
    np.testing.assert_allclose(truth.bottleneck(weights, images), expected, atol=1e-12)
    assert sum(w.size for w in weights) == truth.bottleneck_parameters(7, 3, 5, 3)
