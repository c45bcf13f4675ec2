"""Saliency maps, and the wrong starts that the grader names, against automatic differentiation and by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reference import saliency, small_cnn

SHAPES = [(3, 3, 3, 4), (4,), (3, 3, 4, 5), (5,), (2 * 2 * 5, 6), (6,), (6, 4), (4,)]
WEIGHTS = small_cnn.random_weights(np.random.default_rng(0), [np.zeros(shape) for shape in SHAPES])
IMAGES, LABELS = np.random.default_rng(1).uniform(size=(3, 8, 8, 3)), np.array([2, 0, 3])


def test_the_map_is_what_changing_each_number_shows():
    """Changing one number of the image a little changes the score by the map's value, for the strongest channel."""
    maps, step = saliency.saliency(WEIGHTS, IMAGES, LABELS), 1e-6
    for n, row, column in ((0, 0, 0), (1, 3, 5), (2, 7, 4)):
        slopes = []
        for channel in range(3):
            changed = IMAGES.copy()
            changed[n, row, column, channel] += step
            rise = small_cnn.scores(WEIGHTS, changed) - small_cnn.scores(WEIGHTS, IMAGES)
            slopes.append(abs(rise[n, LABELS[n]]) / step)
        np.testing.assert_allclose(maps[n, row, column], max(slopes), rtol=1e-4)


def autograd(start: Any) -> np.ndarray:
    """The starts (N, K) that PyTorch finds for a function of the scores."""
    torch = pytest.importorskip("torch")
    scores = torch.tensor(small_cnn.scores(WEIGHTS, IMAGES), requires_grad=True)
    start(torch, scores, torch.tensor(LABELS)).backward()
    return np.asarray(scores.grad.numpy())


@pytest.mark.parametrize(
    ("by_hand", "function"),
    [
        (saliency.from_score, lambda torch, s, y: s[torch.arange(len(s)), y].sum()),
        (saliency.from_softmax, lambda torch, s, y: s.softmax(1)[torch.arange(len(s)), y].sum()),
        (saliency.from_loss, lambda torch, s, y: torch.nn.functional.cross_entropy(s, y, reduction="sum")),
        (saliency.from_all_scores, lambda _torch, s, _y: s.sum()),
        (saliency.from_prediction, lambda _torch, s, _y: s.max(dim=1).values.sum()),
    ],
)
def test_the_starts_are_derivatives(by_hand, function):
    """Each start is the derivative of the function of the scores that it is named after."""
    scores = small_cnn.scores(WEIGHTS, IMAGES)
    np.testing.assert_allclose(by_hand(scores, LABELS), autograd(function), atol=1e-12)


def test_the_example_of_the_text():
    """The gradient (3, -5, 1) gives 5."""
    assert saliency.brightest(np.array([[[[3.0, -5.0, 1.0]]]])).tolist() == [[[5.0]]]


@given(arrays.arrays(np.float64, (2, 3, 4, 3), elements=st.floats(-9, 9)))
def test_the_brightest_channel_is_between_mean_and_sum(gradients):
    """No map is negative; the maximum is at least the mean of the absolute values and at most their sum."""
    size = np.abs(gradients)
    brightest = saliency.brightest(gradients)
    assert brightest.shape == (2, 3, 4)
    assert (brightest >= size.mean(axis=-1) - 1e-12).all()
    assert (brightest <= size.sum(axis=-1) + 1e-12).all()
    np.testing.assert_array_equal(brightest, saliency.brightest(-gradients))


def test_probabilities_and_scores_give_different_maps():
    """What the grader tells apart differs by more than its tolerance of three thousandths."""
    scores = small_cnn.scores(WEIGHTS, IMAGES)
    right = saliency.saliency(WEIGHTS, IMAGES, LABELS)
    for start in (saliency.from_softmax, saliency.from_loss, saliency.from_all_scores):
        wrong = saliency.brightest(small_cnn.gradient(WEIGHTS, IMAGES, start(scores, LABELS)))
        assert np.abs(wrong - right).max() > 0.03 * right.max()
