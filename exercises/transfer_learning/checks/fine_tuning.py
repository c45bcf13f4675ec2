"""Checks that run in your own notebook: shapes, and the counts that the text asks for."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_parameters, assert_shape, assert_true


def zeros(framework, number):
    """So many black images in the network's size."""
    return np.zeros((number, 3, 32, 32) if framework == "torch" else (number, 32, 32, 3), dtype=np.float32)


@pytest.mark.check("preprocess")
def test_colour(student, framework):
    """Your preprocess turns the colour (200, 100, 50) into (-53.939, -16.779, 76.32), as in cnn_features."""
    images = np.broadcast_to(np.array((200, 100, 50), dtype=np.uint8), (2, 48, 48, 3)).copy()
    expected = np.broadcast_to(np.array((-53.939, -16.779, 76.32), dtype=np.float32), (2, 32, 32, 3))
    if framework == "torch":
        expected = expected.transpose(0, 3, 1, 2)
    assert_matches(student.call("preprocess", images), expected, rtol=1e-3, atol=1e-3, dtype="float32")


@pytest.mark.check("model")
def test_shape(student, framework):
    """Your model gives eight numbers for each picture."""
    assert_shape(student.model("model").predict(zeros(framework, 3)), (3, 8), what="what comes out of your model")


@pytest.mark.check("freeze")
def test_head_alone(student, framework):
    """The weights and biases of the head are trainable, 256 x 8 + 8 parameters."""
    assert_parameters(student.model("model").layers(zeros(framework, 1)), trainable=256 * 8 + 8)


@pytest.mark.check("unfreeze")
def test_more_than_the_head(student, framework):
    """More than the head is trainable now, but not everything."""
    summary = student.model("model").layers(zeros(framework, 1))
    assert_true(
        256 * 8 + 8 < summary.trainable < summary.parameters / 1.1,
        f"{summary.trainable:,} of {summary.parameters:,} parameters are trainable",
        "the convolution of the last block, and the head",
    )


@pytest.mark.check("accuracy")
def test_finite(student, framework):
    """Your trained network gives finite numbers."""
    outputs = student.model("model").predict(zeros(framework, 2))
    assert_true(bool(np.isfinite(outputs).all()), "there is NaN or infinity in what comes out of your network")
