"""The reference inception module is that of the frameworks; concatenation and counts follow from their rules."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import inception

FILTERS = inception.Filters(f1=3, r3=2, f3=5, r5=1, f5=4, fp=6)
sizes = st.lists(st.tuples(*[st.integers(1, 7)] * 2, st.integers(1, 3)), min_size=1, max_size=4)


def arrays_of(channels: int, filters: inception.Filters, seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    kernels = inception.shapes(channels, filters)
    return [rng.normal(size=shape) for kernel in kernels for shape in (kernel, kernel[-1:])]


def test_the_example_of_the_deck():
    """(14, 14, 2) and (16, 16, 3) give (16, 16, 5), with a border of one zero around the smaller one."""
    a, b = np.ones((14, 14, 2)), np.full((16, 16, 3), 2.0)
    result = inception.depth_concat([a, b])
    assert result.shape == (16, 16, 5)
    assert result.sum() == a.sum() + b.sum()
    np.testing.assert_array_equal(result[1:15, 1:15, :2], a)
    np.testing.assert_array_equal(result[..., 2:], b)


def test_the_odd_zero_goes_below_and_to_the_right():
    """Of a row and three columns that are missing, none and one go first."""
    result = inception.depth_concat([np.ones((2, 1, 1)), np.zeros((3, 4, 1))])
    assert result[..., 0].tolist() == [[0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


@given(sizes)
def test_every_value_lies_where_slow_loops_put_it(shapes):
    """Each number of each tensor is found at its place, half of what is missing further; all the rest is zero."""
    rng = np.random.default_rng(0)
    tensors = [rng.uniform(1, 2, size=shape) for shape in shapes]
    result = inception.depth_concat(tensors)
    height, width, depth = max(s[0] for s in shapes), max(s[1] for s in shapes), sum(s[2] for s in shapes)
    expected = np.zeros((height, width, depth))
    channel = 0
    for tensor in tensors:
        for row, column, c in np.ndindex(*tensor.shape):
            down, across = (height - tensor.shape[0]) // 2, (width - tensor.shape[1]) // 2
            expected[row + down, column + across, channel + c] = tensor[row, column, c]
        channel += tensor.shape[2]
    np.testing.assert_array_equal(result, expected)


@given(sizes)
def test_the_padding_is_centred(shapes):
    """The zeros above and below, left and right, differ by one at most."""
    result = inception.depth_concat([np.ones(shape) for shape in shapes])
    for channel in np.moveaxis(result, 2, 0):
        for axis in (0, 1):
            filled = np.flatnonzero(channel.any(axis=1 - axis))
            assert 0 <= (len(channel.any(axis=1 - axis)) - 1 - filled[-1]) - filled[0] <= 1


def test_the_module_is_that_of_torch():
    """PyTorch's layers, wired as in the paper, give the same with the same weights."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    arrays = arrays_of(4, FILTERS)
    batch = np.random.default_rng(1).normal(size=(2, 6, 7, 4))
    x = torch.tensor(batch.transpose(0, 3, 1, 2))
    one, r3, three, r5, five, project = (
        (torch.tensor(kernel.transpose(3, 2, 0, 1)), torch.tensor(bias))
        for kernel, bias in zip(arrays[::2], arrays[1::2], strict=True)
    )

    def layer(values: Any, weights: Any) -> Any:
        return torch.relu(functional.conv2d(values, *weights, padding="same"))

    pooled = functional.max_pool2d(x, 3, stride=1, padding=1)
    outputs = torch.cat(
        [layer(x, one), layer(layer(x, r3), three), layer(layer(x, r5), five), layer(pooled, project)], 1
    )
    module = inception.from_arrays(arrays[::-1], 4, FILTERS)
    np.testing.assert_allclose(
        inception.forward(module, batch).transpose(0, 3, 1, 2), outputs.numpy(), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("channels", [1, 4, 192])
def test_the_counts_are_those_of_keras(channels):
    """Keras counts as many parameters in such layers, with and without reductions."""
    keras = pytest.importorskip("keras")
    layers = keras.layers

    def count(*sizes: tuple[int, int, int]) -> int:
        total = 0
        for size, inputs, filters in sizes:
            layer = layers.Conv2D(filters, size)
            layer.build((None, 9, 9, inputs))
            total += layer.count_params()
        return total

    f1, r3, f3, r5, f5, fp = FILTERS
    reduced = count(
        (1, channels, f1), (1, channels, r3), (3, r3, f3), (1, channels, r5), (5, r5, f5), (1, channels, fp)
    )
    assert inception.count_inception(channels, FILTERS) == (reduced, 3 + 5 + 4 + 6)
    naive = count((1, channels, f1), (3, channels, f3), (5, channels, f5))
    assert inception.count_naive(channels, f1, f3, f5) == (naive, 3 + 5 + 4 + channels)


def test_googlenets_first_module():
    """ "Inception (3a)" has the 256 channels of the paper's table, and 159K of its weights rounded up with biases."""
    filters = inception.Filters(64, 96, 128, 16, 32, 32)
    parameters, depth = inception.count_inception(192, filters)
    assert depth == 256
    assert parameters - sum(filters) == 163_328
    assert inception.count_naive(192, 64, 128, 32) == (387_296, 416)


def test_arrays_in_any_order_make_the_same_module():
    """Kernels and biases are recognised by their shapes; a missing one is an error."""
    arrays = arrays_of(4, FILTERS)
    module = inception.from_arrays(arrays, 4, FILTERS)
    again = inception.from_arrays([arrays[i] for i in np.random.default_rng(0).permutation(12)], 4, FILTERS)
    batch = np.ones((1, 3, 3, 4))
    np.testing.assert_array_equal(inception.forward(module, batch), inception.forward(again, batch))
    with pytest.raises(ValueError, match="shapes"):
        inception.from_arrays(arrays[:-1], 4, FILTERS)
