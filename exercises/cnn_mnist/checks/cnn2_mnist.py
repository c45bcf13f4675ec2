"""Checks that run in your own notebook: what a person can work out from the text."""

import digits
import numpy as np
import pytest

from referee.checks import accuracy, assert_accuracy, assert_parameters, assert_shape, assert_true


def summary_of(student, framework):
    """The layers of your model, as one image flows through them."""
    shape = (1, 28, 28, 1) if framework == "keras" else (1, 1, 28, 28)
    return student.model("model").layers(np.zeros(shape, dtype=np.float32))


@pytest.mark.check("layers")
def test_flattened(student, framework):
    """A map of 7x7x16 reaches Flatten: two max-poolings halve 28 pixels twice, and the last block has 16 filters."""
    shapes = [layer.shape for layer in summary_of(student, framework).layers if layer.type == "Flatten"]
    assert_true(
        shapes == [(None, 7 * 7 * 16)],
        f"what comes out of Flatten has the shape {shapes[0] if shapes else None}",
        "how many max-poolings does the image pass, and how many filters has the last convolution?",
    )


@pytest.mark.check("parameter_count")
def test_frozen(student, framework):
    """Two observed numbers for each of the 8 + 8 + 16 + 16 + 40 channels of the batch normalizations."""
    assert_parameters(summary_of(student, framework), frozen=2 * (8 + 8 + 16 + 16 + 40))


@pytest.mark.check("forward_pass")
def test_outputs(student, framework):
    """Your network holds a 3x3 kernel from 16 channels to 16 filters, and gives ten numbers for each image."""
    keras = framework == "keras"
    weights = student.model("model").weights()
    assert_true(
        any(weight.shape == ((3, 3, 16, 16) if keras else (16, 16, 3, 3)) for weight in weights),
        "there is no convolution from 16 channels to 16 filters",
        'add the four layers at "here is your code coming"',
    )
    images = np.zeros((3, 28, 28, 1) if keras else (3, 1, 28, 28), dtype=np.float32)
    assert_shape(student.model("model").predict(images), (3, 10))


@pytest.mark.check("accuracy")
def test_validation_accuracy(student, data, framework):
    """With the missing layers in it, your trained network reads most validation digits."""
    (x_train, _), (x_val, y_val) = digits.load(data)
    images = ((x_val - x_train.mean(axis=0)) / (x_train.std(axis=0) + 0.0001)).astype(np.float32)
    images = np.expand_dims(images, 3 if framework == "keras" else 1)
    predictions = student.model("model").predict(images)
    assert_true(
        any(
            layer.type == "Flatten" and layer.shape == (None, 7 * 7 * 16)
            for layer in summary_of(student, framework).layers
        ),
        f"the missing layers are not there; without them, the network reads {accuracy(predictions, y_val).share:.1%} "
        f"of {len(y_val)} validation digits: accuracy alone shows nothing",
        'add the four layers at "here is your code coming"',
    )
    assert_accuracy(predictions, y_val, floor=0.5, what="validation digits")
