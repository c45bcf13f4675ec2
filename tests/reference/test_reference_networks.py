"""Stacks of layers: shapes, counts and a forward pass, against slow loops and against both frameworks."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import networks

SMALL = networks.grow(
    (6, 5, 2),
    partial(networks.convolution, filters=3, size=3, padding="valid"),
    networks.batch_normalization,
    networks.relu,
    partial(networks.convolution, filters=4, size=2),
    networks.max_pooling,
    networks.flatten,
    partial(networks.dense, units=5),
    networks.dropout,
    partial(networks.activation, name="softmax"),
)


def random_weights(stack: list[networks.Layer], seed: int = 0) -> list[networks.Array]:
    """Weights in Keras' layout; those of one axis are positive, as a variance has to be."""
    rng = np.random.default_rng(seed)
    shapes = networks.weight_shapes(stack, "keras")
    return [rng.uniform(0.5, 1.5, size=s) if len(s) == 1 else rng.normal(size=s) for s in shapes]


def slow_convolution(image: networks.Array, kernel: networks.Array, bias: networks.Array, same: bool) -> networks.Array:
    """One image (H, W, C), pixel by pixel: the sum of all products of the kernel with what lies under it."""
    size = len(kernel)
    first = (size - 1) // 2 if same else 0
    rows, columns = (n if same else n - size + 1 for n in image.shape[:2])
    result = np.zeros((rows, columns, kernel.shape[3]))
    for r, c, i, j in np.ndindex(rows, columns, size, size):
        y, x = r + i - first, c + j - first
        if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
            result[r, c] += image[y, x] @ kernel[i, j]
    return result + bias


def test_the_forward_pass_is_what_slow_loops_give():
    """Valid and "same" convolutions, an odd and an even kernel, pooling with a rest, batch norm: step by step."""
    k1, b1, scale, shift, mean, variance, k2, b2, dense, bias = random_weights(SMALL)
    images = np.random.default_rng(1).normal(size=(3, 6, 5, 2))
    expected = []
    for image in images:
        values = slow_convolution(image, k1, b1, same=False)
        values = np.maximum(scale * (values - mean) / np.sqrt(variance + 0.001) + shift, 0)
        values = slow_convolution(values, k2, b2, same=True)
        pooled = np.array([[values[2 * r : 2 * r + 2, :2].max(axis=(0, 1))] for r in range(2)])
        powers = np.exp(pooled.ravel() @ dense + bias)
        expected.append(powers / powers.sum())
    np.testing.assert_allclose(networks.forward(SMALL, random_weights(SMALL), images, 0.001), expected, atol=1e-12)


def test_shapes_along_the_stack():
    """Each layer is made for what the one before gives."""
    assert [row.shape for row in SMALL[3:7]] == [(4, 3, 4), (2, 1, 4), (8,), (5,)]


@given(st.lists(st.integers(1, 40), min_size=2, max_size=5))
@settings(max_examples=50, deadline=None)
def test_counts_are_the_sizes_of_the_weights(sizes):
    """The counts by formula are what the weights hold, for fully connected stacks of any sizes."""
    makers = [make for n in sizes[1:] for make in (partial(networks.dense, units=n), networks.batch_normalization)]
    stack = networks.grow((sizes[0],), *makers)
    total, trainable, frozen = networks.parameters(stack)
    assert total == trainable + frozen == sum(map(math.prod, networks.weight_shapes(stack, "keras")))
    assert frozen == 2 * sum(sizes[1:])


def test_forward_of_no_input():
    """No images give no predictions, of the right width."""
    assert networks.forward(SMALL, random_weights(SMALL), np.zeros((0, 6, 5, 2)), 0.001).shape == (0, 5)


def test_torchs_weights_give_torchs_outputs():
    """PyTorch's network of the same layers, with its own weights and layout, computes the same."""
    torch = pytest.importorskip("torch")
    nn = torch.nn
    torch.manual_seed(0)
    layers = [nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 4, 2)]
    model = nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 5), nn.Softmax(dim=1)).eval()
    images = np.random.default_rng(2).normal(size=(4, 6, 5, 2)).astype(np.float32)
    with torch.no_grad():
        expected = model(torch.tensor(images.transpose(0, 3, 1, 2).copy())).numpy()
    weights = [value.numpy() for value in model.state_dict().values() if value.ndim]
    assert [weight.shape for weight in weights] == networks.weight_shapes(SMALL, "torch")
    ours = networks.forward(SMALL, networks.from_torch(SMALL, weights), images, networks.EPSILON["torch"])
    np.testing.assert_allclose(ours, expected, atol=1e-5)
