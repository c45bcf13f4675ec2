"""The reference block is that of the frameworks; its gradients are measured, and reach the first of 50 layers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import residual
from reference.residual import Block


def block_of(channels: int, filters: int, *, projection: bool, seed: int = 0) -> Block:
    rng = np.random.default_rng(seed)
    arrays: list[Any] = [
        rng.normal(size=shape)
        for shape in ((3, 3, channels, filters), (filters,), (3, 3, filters, filters), (filters,))
    ]
    return Block(*arrays)._replace(projection=rng.normal(size=(1, 1, channels, filters)) if projection else None)


CASES = [(3, 3, False, 1, (6, 7)), (2, 4, True, 1, (5, 5)), (2, 4, True, 2, (7, 9)), (3, 2, True, 2, (8, 6))]


@pytest.mark.parametrize(("channels", "filters", "projection", "stride", "size"), CASES)
def test_the_block_is_that_of_torch(channels, filters, projection, stride, size):
    """PyTorch's convolutions with one zero on each side, added to the input or its projection."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    weights = block_of(channels, filters, projection=projection)
    batch = np.random.default_rng(1).normal(size=(2, *size, channels))
    k1, k2 = (torch.tensor(kernel.transpose(3, 2, 0, 1)) for kernel in (weights.kernel1, weights.kernel2))
    x = torch.tensor(batch.transpose(0, 3, 1, 2))
    hidden = torch.relu(functional.conv2d(x, k1, torch.tensor(weights.bias1), stride, padding=1))
    outputs = functional.conv2d(hidden, k2, torch.tensor(weights.bias2), padding=1)
    if weights.projection is None:
        outputs = outputs + x
    else:
        outputs = outputs + functional.conv2d(x, torch.tensor(weights.projection.transpose(3, 2, 0, 1)), None, stride)
    actual = residual.block(batch, weights, stride, 1)
    np.testing.assert_allclose(actual.transpose(0, 3, 1, 2), outputs.numpy(), atol=1e-9)


@pytest.mark.parametrize(("channels", "filters", "projection", "stride", "size"), CASES)
def test_the_block_is_that_of_keras(channels, filters, projection, stride, size):
    """Keras' "same" convolutions, added to the input or its projection."""
    keras = pytest.importorskip("keras")
    conv = keras.ops.conv
    weights = block_of(channels, filters, projection=projection)
    batch = np.random.default_rng(1).normal(size=(2, *size, channels))
    hidden = keras.ops.relu(conv(batch, weights.kernel1, stride, "same") + weights.bias1)
    outputs = conv(hidden, weights.kernel2, 1, "same") + weights.bias2
    short = batch if weights.projection is None else conv(batch, weights.projection, stride, "same")
    expected = keras.ops.convert_to_numpy(outputs + short)
    np.testing.assert_allclose(residual.block(batch, weights, stride), expected, rtol=1e-4, atol=1e-3)


def test_without_a_residual_the_block_is_the_identity():
    """F = 0 gives x, also where it is negative; with a projection, the projection of x."""
    x = np.random.default_rng(2).normal(size=(2, 5, 6, 3))
    zeros = Block(np.zeros((3, 3, 3, 3)), np.zeros(3), np.zeros((3, 3, 3, 3)), np.zeros(3))
    np.testing.assert_array_equal(residual.block(x, zeros), x)
    projected = residual.block(x, zeros._replace(projection=np.eye(3)[np.newaxis, np.newaxis]), stride=2)
    np.testing.assert_allclose(projected, x[:, ::2, ::2])


def test_the_example_of_the_notebook():
    """A single pixel of 3: F = -relu(2 * 3 - 4) + 1 = -1, so the result is 2."""
    one, two = np.zeros((3, 3, 1, 1)), np.zeros((3, 3, 1, 1))
    one[1, 1], two[1, 1] = 2, -1
    weights = Block(one, np.array([-4.0]), two, np.array([1.0]))
    assert residual.block(np.full((1, 1, 1, 1), 3.0), weights).item() == 2


@pytest.mark.parametrize("shortcuts", [False, True])
@given(st.integers(0, 1000))
def test_the_gradients_are_what_differences_measure(shortcuts, seed):
    """Backpropagation against central differences of the cost, weight by weight."""
    rng = np.random.default_rng(seed)
    weights, x, step = residual.stack(rng, 3, 2, 1.5), rng.normal(size=(3, 2)), 1e-5
    measured = np.zeros_like(weights)
    for place in np.ndindex(*weights.shape):
        moved = np.zeros_like(weights)
        moved[place] = step
        ahead, back = (residual.cost(weights + sign * moved, x, shortcuts=shortcuts) for sign in (1, -1))
        measured[place] = (ahead - back) / (2 * step)
    np.testing.assert_allclose(residual.gradients(weights, x, shortcuts=shortcuts), measured, atol=1e-7)


@pytest.mark.parametrize("shortcuts", [False, True])
def test_the_gradient_of_fifty_layers_is_that_of_torch(shortcuts):
    """Automatic differentiation agrees to rounding, also where next to nothing is left."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    weights, x = residual.stack(rng, 50, 8), rng.normal(size=(4, 8))
    layers, h = torch.tensor(weights, requires_grad=True), torch.tensor(x)
    for w in layers:
        h = h + torch.tanh(h @ w) if shortcuts else torch.tanh(h @ w)
    (h.sum() / len(x)).backward()
    ours = residual.gradients(weights, x, shortcuts=shortcuts)
    np.testing.assert_allclose(ours, layers.grad.numpy(), rtol=1e-9, atol=1e-9 * abs(ours[0]).max())


@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_reaches_the_first_layer_through_shortcuts_only(seed):
    """Of fifty plain layers next to nothing is left, and shortcuts bring it through, whatever the draw."""
    rng = np.random.default_rng(seed)
    weights, x = residual.stack(rng, 50, 16), rng.normal(size=(8, 16))
    plain, shortcuts = residual.gradient_norms(weights, x)
    assert plain < 1e-7
    assert 1e-1 < shortcuts < 1e5


def test_the_small_stacks_of_the_notebook():
    """With x = 2 and two weights: (0, 0.5) gives 1 in the plain stack, (0, 0) gives 0 and with shortcuts 2."""
    found = [
        residual.gradients(np.reshape(weights, (2, 1, 1)), [[2.0]], shortcuts=shortcuts)[0].item()
        for weights, shortcuts in (([0, 0.5], False), ([0, 0], False), ([0, 0], True))
    ]
    assert found == [1, 0, 2]
