"""The reference highway layer obeys the deck's special cases, and its Jacobian is what finite differences measure."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import highway
from reference.highway import Weights

SIZE = 4


def weights_of(seed: int, *, bias: float | None = None) -> Weights:
    rng = np.random.default_rng(seed)
    weights = Weights(*(rng.normal(size=shape) for shape in ((SIZE, SIZE), (SIZE,), (SIZE, SIZE), (SIZE,))))
    return weights if bias is None else weights._replace(b_t=np.full(SIZE, bias))


def test_a_layer_is_its_formula_unit_by_unit():
    """Slow loops with the numbers' own exp and tanh give the same."""
    weights, x = weights_of(0), np.random.default_rng(1).normal(size=(3, SIZE))
    expected = np.zeros_like(x)
    for n, i in np.ndindex(3, SIZE):
        h = math.tanh(sum(x[n, j] * weights.w_h[j, i] for j in range(SIZE)) + weights.b_h[i])
        t = 1 / (1 + math.exp(-(sum(x[n, j] * weights.w_t[j, i] for j in range(SIZE)) + weights.b_t[i])))
        expected[n, i] = h * t + x[n, i] * (1 - t)
    np.testing.assert_allclose(highway.highway(x, weights), expected, rtol=1e-12)


@given(st.integers(0, 1000))
def test_the_jacobian_is_what_differences_measure(seed):
    """The formula by the product rule, against central differences."""
    weights, x = weights_of(seed), np.random.default_rng(seed + 1).normal(size=SIZE)
    measured = highway.numerical_jacobian(lambda batch: highway.highway(batch, weights), x)
    np.testing.assert_allclose(highway.jacobian(x, weights), measured, atol=1e-8)


def test_the_jacobian_is_that_of_torch():
    """Automatic differentiation agrees to rounding."""
    torch = pytest.importorskip("torch")
    weights, x = weights_of(2), np.random.default_rng(3).normal(size=SIZE)
    w_h, b_h, w_t, b_t = (torch.tensor(array) for array in weights)

    def layer(values):
        t = torch.sigmoid(values @ w_t + b_t)
        return torch.tanh(values @ w_h + b_h) * t + values * (1 - t)

    expected = torch.autograd.functional.jacobian(layer, torch.tensor(x))
    np.testing.assert_allclose(highway.jacobian(x, weights), expected.numpy(), rtol=1e-10, atol=1e-12)


def test_a_closed_gate_carries_the_input():
    """T = 0: the layer is the identity, and so is its Jacobian."""
    weights, x = weights_of(4, bias=-1000.0), np.random.default_rng(5).normal(size=SIZE)
    np.testing.assert_array_equal(highway.highway(x, weights), x)
    np.testing.assert_array_equal(highway.jacobian(x, weights), np.eye(SIZE))


def test_an_open_gate_transforms_the_input():
    """T = 1: the layer is H, and its Jacobian is that of H, which is measured."""
    weights, x = weights_of(6, bias=1000.0), np.random.default_rng(7).normal(size=SIZE)
    np.testing.assert_array_equal(highway.highway(x, weights), highway.transform(x, weights))
    measured = highway.numerical_jacobian(lambda batch: highway.transform(batch, weights), x)
    np.testing.assert_allclose(highway.jacobian(x, weights), measured, atol=1e-9)
    np.testing.assert_array_equal(highway.jacobian(x, weights), highway.transform_jacobian(x, weights))


def test_the_result_lies_between_both():
    """Each number of y lies between that of x and that of H(x)."""
    weights, x = weights_of(8), np.random.default_rng(9).normal(size=(20, SIZE))
    y, h = highway.highway(x, weights), highway.transform(x, weights)
    assert (y >= np.minimum(x, h) - 1e-12).all()
    assert (y <= np.maximum(x, h) + 1e-12).all()


@given(st.floats(0.001, 0.999))
def test_the_gate_bias_carries_its_share(carried):
    """With W_T = 0 and H = 0, exactly this share of the input arrives."""
    zeros = np.zeros((SIZE, SIZE))
    weights = Weights(zeros, np.zeros(SIZE), zeros, np.full(SIZE, highway.gate_bias(carried)))
    x = np.arange(1.0, SIZE + 1)
    np.testing.assert_allclose(highway.highway(x, weights), carried * x, rtol=1e-9)


def test_the_numbers_of_the_notebook():
    """At x = 2 with H = 0, H' = 1, T = 1/2: y = 1; the slope is 1 with a constant gate, and -1 with T' = 1."""
    for w_t, b_t, slope in ((0.0, 0.0, 1.0), (4.0, -8.0, -1.0)):
        weights = Weights(np.eye(1), np.array([-2.0]), np.array([[w_t]]), np.array([b_t]))
        assert highway.highway([2.0], weights).tolist() == [1.0]
        assert highway.jacobian([2.0], weights).tolist() == [[slope]]


def test_the_sigmoid_never_overflows():
    """The ends are 0 and 1, without a warning."""
    assert highway.sigmoid([-1e4, 0, 1e4]).tolist() == [0, 0.5, 1]
