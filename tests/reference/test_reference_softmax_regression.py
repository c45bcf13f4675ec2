"""The reference's softmax, cost and gradients agree with finite differences, with exact arithmetic, and with torch."""

from collections.abc import Callable
from decimal import Decimal, getcontext

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reference import softmax_regression as reference
from reference.softmax_regression import Array

sizes = st.integers(1, 4)


@st.composite
def problems(draw):
    """A mini-batch, weights, biases and one-hot labels that fit together."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    examples, inputs, classes = draw(sizes), draw(sizes), draw(st.integers(2, 4))
    x, w, b = rng.normal(size=(examples, inputs)), rng.normal(size=(inputs, classes)), rng.normal(size=classes)
    return x, w, b, np.eye(classes)[rng.integers(0, classes, size=examples)]


def cost(x: Array, w: Array, b: Array, y: Array) -> float:
    return reference.cross_entropy(reference.softmax(reference.dense(x, w, b)), y)


def slope(function: Callable[[Array], float], values: Array, where: tuple[int, ...]) -> float:
    """The central difference of a function at one of its values."""
    tiny = np.zeros_like(values)
    tiny[where] = 1e-6
    return (function(values + tiny) - function(values - tiny)) / 2e-6


@given(problems())
def test_the_gradients_are_the_slopes_of_the_cost(problem):
    """Each number of both gradients is what a finite difference measures."""
    x, w, b, y = problem
    by_weights, by_biases = reference.gradients(x, w, b, y)
    for where, number in np.ndenumerate(by_weights):
        assert number == pytest.approx(slope(lambda weights: cost(x, weights, b, y), w, where), abs=1e-7)
    for where, number in np.ndenumerate(by_biases):
        assert number == pytest.approx(slope(lambda biases: cost(x, w, biases, y), b, where), abs=1e-7)


@given(problems())
def test_torch_agrees(problem):
    """PyTorch's cross-entropy of the logits, and its automatic gradients, are the same."""
    x, w, b, y = problem
    weights, biases = torch.tensor(w, requires_grad=True), torch.tensor(b, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(torch.tensor(x) @ weights + biases, torch.tensor(y))
    loss.backward()
    assert cost(x, w, b, y) == pytest.approx(loss.item())
    assert weights.grad is not None
    assert biases.grad is not None
    by_weights, by_biases = reference.gradients(x, w, b, y)
    np.testing.assert_allclose(by_weights, weights.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(by_biases, biases.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("row", [[1000.0, 1001.0, 990.0], [-1000.0, -1001.0, -1000.0], [0.0, 1.0, 2.0]])
def test_the_softmax_is_right_for_large_logits(row):
    """With 60 digits no trick is needed, and the probabilities are the same."""
    getcontext().prec = 60
    powers = [Decimal(number).exp() for number in row]
    expected = [float(power / sum(powers)) for power in powers]
    np.testing.assert_allclose(reference.softmax(np.array([row])), [expected], rtol=1e-12)


def test_large_and_small_logits_in_one_batch():
    """Each row has its own largest logit: a mini-batch may hold rows near 1000 and near -1000."""
    z = np.array([[1000.0, 999.0], [-1000.0, -999.0]])
    right = 1 / (1 + np.exp(-1))
    np.testing.assert_allclose(reference.softmax(z), [[right, 1 - right], [1 - right, right]])


def test_a_certain_network_costs_nothing():
    """Probabilities of exactly 0 for wrong classes do not turn the cost into NaN."""
    p = reference.softmax(np.array([[2000.0, 0.0, 0.0], [0.0, 0.0, 2000.0]]))
    assert reference.cross_entropy(p, np.eye(3)[[0, 2]]) == 0


def test_the_examples_of_the_text():
    """The notebook's small examples are right."""
    x, w, b = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]), np.array([0.0, 0.0, 10.0])
    assert reference.dense(x, w, b).tolist() == [[5, 2, 9]]
    np.testing.assert_allclose(reference.softmax(np.log([[1.0, 2.0, 3.0]])), [[1 / 6, 1 / 3, 1 / 2]])
    p, y = np.array([[0.5, 0.25, 0.25], [0.375, 0.5, 0.125]]), np.eye(3)[[0, 2]]
    assert reference.cross_entropy(p, y) == pytest.approx(2 * np.log(2))
    weights, biases = reference.step(x, np.zeros((2, 2)), np.zeros(2), np.array([[1.0, 0.0]]), 0.1)
    np.testing.assert_allclose(weights, [[0.05, -0.05], [0.1, -0.1]])
    np.testing.assert_allclose(biases, [0.05, -0.05])


@given(problems())
def test_a_small_step_lowers_the_cost(problem):
    """Downhill is downhill: after a small step the cost is not higher, and the given arrays are as they were."""
    x, w, b, y = problem
    before = w.copy(), b.copy()
    after = reference.step(x, w, b, y, 1e-3)
    assert cost(x, *after, y) <= cost(x, w, b, y) + 1e-12
    np.testing.assert_array_equal(w, before[0])
    np.testing.assert_array_equal(b, before[1])


@given(problems())
def test_a_training_begins_with_the_cost_of_guessing(problem):
    """With all weights 0 every class has the same probability; the costs of a gentle training fall."""
    x, _, _, y = problem
    training = reference.train(x, y, 0.01, 5)
    assert training.losses[0] == pytest.approx(np.log(y.shape[1]))
    assert sorted(training.losses, reverse=True) == training.losses
    assert cost(x, training.weights, training.biases, y) <= training.losses[-1]
