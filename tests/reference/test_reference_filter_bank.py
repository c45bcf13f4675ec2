"""The reference layer agrees with its formula in slow loops, with both frameworks, and with the deck."""

import keras
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reference import filter_bank

sizes = st.integers(1, 3)


@st.composite
def layers(draw):
    """Images (N, H, W, C), kernels (F, h, w, C) and biases (F,) that fit together."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width, channels, filters = (draw(sizes) for _ in range(4))
    images = rng.normal(size=(draw(sizes), height + draw(st.integers(0, 3)), width + draw(st.integers(0, 3)), channels))
    return images, rng.normal(size=(filters, height, width, channels)), rng.normal(size=filters)


@given(layers())
def test_a_map_is_the_sum_of_the_formula(case):
    """Every number of a map is the bias and the sum over rows, columns and channels, one by one."""
    images, kernels, biases = case
    maps = filter_bank.conv_layer(images, kernels, biases)
    for (n, r, s, f), number in np.ndenumerate(maps):
        terms = (kernels[f, i, j, c] * images[n, r + i, s + j, c] for i, j, c in np.ndindex(kernels.shape[1:]))
        assert number == pytest.approx(biases[f] + sum(terms))


@given(layers())
def test_each_layout_puts_every_number_where_the_framework_looks(case):
    """k[f, i, j, c] is at (i, j, c, f) in Keras and at (f, c, i, j) in PyTorch, and the way back is the way back."""
    _, kernels, _ = case
    for (f, i, j, c), number in np.ndenumerate(kernels):
        assert filter_bank.keras_layout(kernels)[i, j, c, f] == number
        assert filter_bank.torch_layout(kernels)[f, c, i, j] == number
    np.testing.assert_array_equal(filter_bank.from_keras(filter_bank.keras_layout(kernels)), kernels)
    np.testing.assert_array_equal(filter_bank.from_torch(filter_bank.torch_layout(kernels)), kernels)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [(3, 3), (2, 4), (1, 5)])
def test_the_reference_is_the_layer_of_keras(padding, size):
    """Keras' Conv2D with the same numbers gives the same maps, for odd and even kernels."""
    rng = np.random.default_rng(1)
    images, kernels, biases = rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(4, *size, 3)), rng.normal(size=4)
    layer = keras.layers.Conv2D(4, size, padding=padding, dtype="float64")
    layer.build(images.shape)
    layer.set_weights([filter_bank.keras_layout(kernels), biases])
    maps = filter_bank.conv_layer(images, kernels, biases, padding)
    np.testing.assert_allclose(np.asarray(layer(images)), maps, atol=1e-9)
    assert layer.count_params() == filter_bank.parameters(4, size[0], size[1], 3)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [(3, 3), (1, 5)])
def test_the_reference_is_the_layer_of_pytorch(padding, size):
    """PyTorch's Conv2d with the same numbers gives the same maps, with the channels first."""
    rng = np.random.default_rng(2)
    images, kernels, biases = rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(4, *size, 3)), rng.normal(size=4)
    weights = torch.tensor(filter_bank.torch_layout(kernels))
    batch = torch.tensor(images.transpose(0, 3, 1, 2))
    found = torch.nn.functional.conv2d(batch, weights, torch.tensor(biases), padding=padding)
    maps = filter_bank.conv_layer(images, kernels, biases, padding)
    np.testing.assert_allclose(found.numpy().transpose(0, 2, 3, 1), maps, atol=1e-9)


def test_a_reshape_is_no_transpose():
    """A reshape gives the same numbers in other places as soon as there are several filters, or several channels."""
    kernels = np.arange(36.0).reshape(2, 3, 2, 3)
    assert not np.array_equal(kernels.reshape(3, 2, 3, 2), filter_bank.keras_layout(kernels))
    assert not np.array_equal(kernels.reshape(2, 3, 3, 2), filter_bank.torch_layout(kernels))
    np.testing.assert_array_equal(kernels[:1].reshape(3, 2, 3, 1), filter_bank.keras_layout(kernels[:1]))


def test_the_block_of_the_deck():
    """Convolution, ReLU and pooling of the deck's image give the four numbers of its slide, transposed."""
    image = [
        [255, 220, 150, 200, 110, 100],
        [240, 50, 35, 45, 200, 130],
        [0, 20, 245, 250, 230, 120],
        [170, 180, 235, 145, 170, 255],
        [190, 185, 170, 165, 130, 120],
        [255, 255, 245, 190, 200, 170],
    ]
    kernel = [[-0.7, 0.2, 0.1], [0.3, 0.5, 0.4], [-0.2, -0.4, 0.2]]
    pooled = filter_bank.conv_block(np.reshape(image, (1, 6, 6, 1)), np.reshape(kernel, (1, 3, 3, 1)))
    np.testing.assert_allclose(pooled[0, :, :, 0], np.transpose([[104, 217.5], [224, 52.5]]), atol=1e-9)


def test_the_parameters_of_the_decks_layers():
    """The deck's cnn1 has 320 parameters in its convolution; cnn2 has 80, 584, 1168 and 2320."""
    layers_of_the_deck = [(32, 1), (8, 1), (8, 8), (16, 8), (16, 16)]
    counts = [filter_bank.parameters(filters, 3, 3, channels) for filters, channels in layers_of_the_deck]
    assert counts == [320, 80, 584, 1168, 2320]
