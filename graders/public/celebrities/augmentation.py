"""Checks that run in your own notebook: names, shapes, types and values of what your functions give."""

import faces
import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true

CHANGES = {"horizontal flip", "vertical flip", "small rotation", "half turn", "small shift"}


def some(framework, number, rng):
    """Faces in the framework's layout, uint8."""
    images, _ = faces.draw(1, rng)
    images = images[:number]
    return images if framework == "keras" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))


@pytest.mark.check("harmless")
def test_known_names(student):
    """Both lists hold some of the five names."""
    for name in ("for_faces", "for_digits"):
        value = student[name]
        sound = isinstance(value, list | tuple) and all(isinstance(each, str) for each in value) and len(value) > 0
        assert_true(sound, f"{name} is not a list of names", 'such as ["half turn"]')
        unknown = [each for each in value if each not in CHANGES]
        assert_true(not unknown, f"{name} holds {len(unknown)} unknown names", "copy them from the text")


@pytest.mark.check("augment")
def test_form(student, rng, framework):
    """Your augment gives as many pictures of the same shape, in float32, with values from 0 to 255."""
    images = some(framework, 4, rng)
    answer = student.call("augment", images, 1)
    assert_shape(answer, images.shape, what="what your augment gives")
    answer = np.asarray(answer)
    assert_true(answer.dtype == np.float32, f"your augment gives {answer.dtype}, where float32 was wanted")
    assert_true(
        bool(np.isfinite(answer).all()) and answer.min() >= -0.01 and answer.max() <= 255.01,
        "there are values outside of 0 to 255",
    )


@pytest.mark.check("one_epoch")
def test_batches(student, rng, framework):
    """Five pictures in mini-batches of two are three pairs, with 2, 2 and 1 pictures and labels."""
    images, labels = some(framework, 5, rng), np.arange(5)
    for training in (True, False):
        pairs = student.call("one_epoch", images, labels, 1, training, 2)
        sound = isinstance(pairs, list) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs)
        assert_true(sound, "your one_epoch does not give a list of pairs", "a generator is no list")
        sizes = [tuple(np.shape(part)[0] if np.ndim(part) else 0 for part in pair) for pair in pairs]
        assert_matches(sizes, [(2, 2), (2, 2), (1, 1)], what="the numbers of pictures and labels in your pairs")
