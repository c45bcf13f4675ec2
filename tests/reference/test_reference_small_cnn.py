"""The small CNN by hand: both directions against finite differences, and against Keras and PyTorch."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import small_cnn

DATASETS = Path(__file__).parents[2] / "datasets"


@pytest.fixture(scope="module")
def trained() -> Any:
    """The loader that ships to students, imported from its file."""
    spec = importlib.util.spec_from_file_location("trained_under_test", DATASETS / "trained.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def small_weights(seed: int = 0) -> list[np.ndarray]:
    """A network for images of 8x12 with two channels: 3 and 4 filters, 5 hidden units, 6 classes."""
    shapes = [(3, 3, 2, 3), (3,), (3, 3, 3, 4), (4,), (2 * 3 * 4, 5), (5,), (5, 6), (6,)]
    rng = np.random.default_rng(seed)
    return small_cnn.random_weights(rng, [np.zeros(shape) for shape in shapes])


def slow_scores(weights: list[np.ndarray], image: np.ndarray) -> np.ndarray:
    """The scores of one image (H, W, C), written as loops over pixels and filters."""
    maps = image.astype(np.float64)
    for kernel, bias in ((weights[0], weights[1]), (weights[2], weights[3])):
        height, width, channels = maps.shape
        result = np.zeros((height, width, kernel.shape[3]))
        for row, column, filter_ in np.ndindex(*result.shape):
            total = float(bias[filter_])
            for i, j, channel in np.ndindex(3, 3, channels):
                y, x = row + i - 1, column + j - 1
                if 0 <= y < height and 0 <= x < width:
                    total += float(maps[y, x, channel]) * float(kernel[i, j, channel, filter_])
            result[row, column, filter_] = total if total > 0 else np.exp(total) - 1
        maps = np.zeros((height // 2, width // 2, kernel.shape[3]))
        for row, column, filter_ in np.ndindex(*maps.shape):
            maps[row, column, filter_] = result[2 * row : 2 * row + 2, 2 * column : 2 * column + 2, filter_].sum() / 4
    hidden = np.array([maps.ravel() @ column for column in weights[4].T]) + weights[5]
    hidden = np.array([value if value > 0 else np.exp(value) - 1 for value in hidden])
    return np.asarray(np.array([hidden @ column for column in weights[6].T]) + weights[7])


def test_the_forward_pass_is_what_loops_give():
    """Shifts and matrix products give the scores that loops over pixels give."""
    images = np.random.default_rng(1).normal(size=(2, 8, 12, 2))
    expected = [slow_scores(small_weights(), image) for image in images]
    np.testing.assert_allclose(small_cnn.scores(small_weights(), images), expected, rtol=1e-10)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_the_backward_pass_is_what_finite_differences_give(seed):
    """The gradient of any weighted sum of scores is measured by changing each number of the image a little."""
    rng = np.random.default_rng(seed)
    weights, image, start = small_weights(seed), rng.normal(size=(1, 8, 12, 2)), rng.normal(size=(1, 6))
    step, measured = 1e-5, np.zeros_like(image)
    for place in np.ndindex(*image.shape):
        above, below = image.copy(), image.copy()
        above[place], below[place] = above[place] + step, below[place] - step
        difference = small_cnn.scores(weights, above) - small_cnn.scores(weights, below)
        measured[place] = (difference * start).sum() / (2 * step)
    np.testing.assert_allclose(small_cnn.gradient(weights, image, start), measured, rtol=1e-5, atol=1e-7)


def test_a_batch_is_its_images_one_by_one():
    """Images do not see each other, neither forwards nor backwards."""
    rng = np.random.default_rng(3)
    images, start = rng.normal(size=(3, 8, 12, 2)), rng.normal(size=(3, 6))
    together = small_cnn.gradient(small_weights(), images, start)
    alone = small_cnn.gradient(small_weights(), images[1:2], start[1:2])
    np.testing.assert_allclose(together[1:2], alone, atol=1e-12)


def test_the_softmax_does_not_overflow():
    """Scores of a thousand give probabilities."""
    np.testing.assert_allclose(small_cnn.softmax(np.array([[1e3, 1e3], [0.0, np.log(3)]])), [[0.5, 0.5], [0.25, 0.75]])


def test_layouts():
    """PyTorch has the channels before height and width, for one image and for many."""
    images = np.zeros((5, 8, 12, 2))
    assert small_cnn.layout(images, "torch").shape == (5, 2, 8, 12)
    assert small_cnn.layout(images[0], "torch").shape == (2, 8, 12)
    assert small_cnn.layout(images, "keras") is images


def test_three_networks_are_one(trained):
    """The shipped NumPy function and the reference give the same, trained or not."""
    images = np.random.default_rng(4).uniform(size=(3, 28, 28, 3))
    other = small_cnn.random_weights(np.random.default_rng(5), trained.weights())
    for weights in (trained.weights(), other):
        expected = small_cnn.probabilities(weights, images)
        np.testing.assert_allclose(trained.probabilities(images, weights), expected, atol=1e-12)


def test_pytorch_agrees_in_both_directions(trained):
    """The network in PyTorch gives the reference's scores, and autograd the reference's gradient."""
    torch = pytest.importorskip("torch")
    weights = small_cnn.random_weights(np.random.default_rng(6), trained.weights())
    images = np.random.default_rng(7).uniform(size=(3, 28, 28, 3))
    model = trained.build("torch", weights).double()
    pixels = torch.tensor(small_cnn.layout(images, "torch"), requires_grad=True)
    scores = model[:-1](pixels)
    start = np.random.default_rng(8).normal(size=(3, 10))
    (gradient,) = torch.autograd.grad(scores, pixels, torch.tensor(start))
    np.testing.assert_allclose(scores.detach().numpy(), small_cnn.scores(weights, images), atol=1e-10)
    expected = small_cnn.layout(small_cnn.gradient(weights, images, start), "torch")
    np.testing.assert_allclose(gradient.numpy(), expected, atol=1e-10)


def test_keras_agrees_in_both_directions(trained):
    """The network in Keras gives the reference's probabilities, and GradientTape the reference's gradient."""
    pytest.importorskip("keras")
    tensorflow = pytest.importorskip("tensorflow")
    weights = small_cnn.random_weights(np.random.default_rng(9), trained.weights())
    images = np.random.default_rng(10).uniform(size=(2, 28, 28, 3)).astype(np.float32)
    model, pixels = trained.build("keras", weights), tensorflow.constant(images)
    with tensorflow.GradientTape() as tape:
        tape.watch(pixels)
        shares = model(pixels)
        own = shares[0, 3] + shares[1, 5]
    right = small_cnn.probabilities(weights, images)
    np.testing.assert_allclose(np.asarray(shares), right, atol=1e-5)
    start = -right * right[[0, 1], [3, 5], np.newaxis]
    start[[0, 1], [3, 5]] += right[[0, 1], [3, 5]]
    gradient = small_cnn.gradient(weights, images, start)
    np.testing.assert_allclose(np.asarray(tape.gradient(own, pixels)), gradient, atol=1e-5 * np.abs(gradient).max())
