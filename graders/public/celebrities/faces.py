"""Checks that run in your own notebook: prepared values that the text states, and the shapes of your networks."""

import faces
import numpy as np
import pytest

from referee.checks import accuracy, assert_matches, assert_shape, assert_true

FEW = np.zeros((2, 48, 48, 3), dtype=np.uint8)


def batch(framework, images):
    """Pictures (N, 48, 48, 3) as float32 in the framework's layout."""
    images = np.asarray(images, dtype=np.float32)
    return images if framework == "keras" else images.transpose(0, 3, 1, 2)


@pytest.mark.check("prepare")
def test_stated_values(student, framework):
    """0 becomes -1, 51 becomes -0.6, 255 becomes 1, in float32."""
    images = FEW.copy()
    images[0, 0, 1], images[1, 2, 0] = 51, 255
    expected = np.full(images.shape, -1.0)
    expected[0, 0, 1], expected[1, 2, 0] = -0.6, 1.0
    assert_matches(
        student.call("prepare", images),
        batch(framework, expected),
        atol=1e-5,
        dtype="float32",
        what="the prepared faces",
    )


@pytest.mark.check("fcn_design")
def test_fcn_outputs(student, framework):
    """Your fully connected network gives eight numbers for each picture."""
    assert_shape(student.model("fcn").predict(batch(framework, FEW)), (2, 8), what="what your fcn gives")


@pytest.mark.check("cnn_design")
def test_cnn_outputs(student, framework):
    """Your CNN gives eight numbers for each picture."""
    assert_shape(student.model("cnn").predict(batch(framework, FEW)), (2, 8), what="what your cnn gives")


@pytest.mark.check("cnn_accuracy")
def test_validation_faces(student, framework, data):
    """On the validation faces, your CNN is better than your fully connected network."""
    _, (images, labels) = faces.load(data)
    shares = [
        accuracy(student.model(name).predict(batch(framework, images / 127.5 - 1)), labels).share
        for name in ("fcn", "cnn")
    ]
    assert_true(
        shares[1] > shares[0],
        f"of {len(labels)} validation faces, your fcn recognises {shares[0]:.1%} and your cnn {shares[1]:.1%}",
        "look at the curves above: does the CNN still learn when the training ends, or does it overfit?",
    )
