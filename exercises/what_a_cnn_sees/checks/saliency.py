"""Checks that run in your own notebook: shapes, and whether your map is what a small change of a pixel shows."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true

STEP = 0.05  # by which a pixel is changed: small, but far above the rounding errors of float32


def image_of(framework, number=1):
    """Images of colours that grow from one side to the other, in the framework's layout: the same on every run."""
    row, column, channel = np.meshgrid(np.arange(28), np.arange(28), np.arange(3), indexing="ij")
    one = (0.5 + 0.5 * np.sin(0.3 * row + 0.2 * column * (channel + 1))).astype(np.float32)
    images = np.stack([np.roll(one, 5 * shift, axis=1) for shift in range(number)])
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)) if framework == "torch" else images


def numbers(answer, shape, what):
    """The answer as an array of this shape; anything but real numbers fails."""
    assert_shape(answer, shape, what=what)
    array = np.asarray(answer)
    assert_true(
        array.dtype.kind in "fiu" and bool(np.isfinite(array).all()), f"{what}: some values are no real numbers"
    )
    return array.astype(np.float64)


@pytest.mark.check("scores")
def test_scores_shape(student, framework):
    """Your scores are ten numbers for each image, and their softmax is what the network answers."""
    images = image_of(framework, 2)
    scores = numbers(student.call("with_network", "scores", None, images), (2, 10), "the scores of two images")
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected = student.model("model").predict(images)
    assert_matches(
        powers / powers.sum(axis=1, keepdims=True), expected, rtol=2e-3, atol=2e-3, what="the softmax of your scores"
    )


@pytest.mark.check("saliency")
def test_saliency_shape(student, framework):
    """Your map has the shape (28, 28), and nothing in it is negative."""
    saliency_map = numbers(
        student.call("with_network", "saliency", None, image_of(framework)[0], 3), (28, 28), "the map"
    )
    assert_true(
        bool(np.all(saliency_map >= 0)),
        "some values of the map are negative",
        "the map does not say whether the score would rise or fall",
    )


@pytest.mark.check("saliency")
def test_saliency_measured(student, framework):
    """At the brightest pixel, your map says how fast your own score changes there."""
    image, label = image_of(framework)[0], 3
    saliency_map = numbers(student.call("with_network", "saliency", None, image, label), (28, 28), "the map")
    row, column = np.unravel_index(np.argmax(saliency_map), (28, 28))
    changed = []
    for channel in range(3):
        place = (channel, row, column) if framework == "torch" else (row, column, channel)
        for sign in (1, -1):
            other = image.copy()
            other[place] += sign * STEP
            changed.append(other)
    own = numbers(student.call("with_network", "scores", None, np.stack(changed)), (6, 10), "the scores")[:, label]
    slopes = (own[0::2] - own[1::2]) / (2 * STEP)
    assert_matches(
        saliency_map[row, column],
        np.abs(slopes).max(),
        rtol=0.05,
        what=f"the map at row {row}, column {column}",
        hint="change one number of the image a little, and see what the score does",
    )


@pytest.mark.check("saliency_batch")
def test_batch_is_one_by_one(student, framework):
    """Your saliency_batch gives the maps that your saliency gives one by one."""
    images, labels = image_of(framework, 3), np.array([3, 8, 5])
    maps = numbers(student.call("with_network", "saliency_batch", None, images, labels), (3, 28, 28), "the maps")
    for image, label, saliency_map in zip(images, labels.tolist(), maps, strict=True):
        alone = numbers(student.call("with_network", "saliency", None, image, label), (28, 28), "the map of one image")
        largest = float(np.abs(alone).max())
        assert_matches(saliency_map, alone, rtol=3e-3, atol=3e-3 * largest, what=f"the map of class {label}")
