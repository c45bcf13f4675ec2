"""Checks that run in your own notebook: what a person can work out from the text."""

import digits
import numpy as np
import pytest

from referee.checks import assert_accuracy, assert_matches, assert_parameters, assert_shape


@pytest.mark.check("to_rows")
def test_small_images(student):
    """Two images become two rows of 784 numbers, black is 0 and white is 1."""
    images = np.zeros((2, 28, 28), dtype=np.uint8)
    images[1] = 255
    expected = np.repeat([[0.0], [1.0]], 784, axis=1).astype(np.float32)
    assert_matches(student.call("to_rows", images), expected, what="to_rows")


@pytest.mark.check("counting")
def test_counting_example(student):
    """A dense layer with 2 inputs and 3 units has 9 parameters."""
    assert_matches(student.call("dense_parameters", 2, 3), 9, what="dense_parameters(2, 3)")


@pytest.mark.check("layers")
def test_ten_outputs(student):
    """Your network makes ten numbers of a row of 784."""
    rows = np.zeros((3, 784), dtype=np.float32)
    assert_shape(student.build("make_model").predict(rows), (3, 10), what="the prediction for three images")


@pytest.mark.check("parameter_count")
def test_observed(student):
    """Two observed numbers for each of the 500 + 50 units with a batch normalization."""
    rows = np.zeros((1, 784), dtype=np.float32)
    assert_parameters(student.build("make_model").layers(rows), frozen=2 * (500 + 50), what="your network")


@pytest.mark.check("share")
def test_share_example(student):
    """For the sizes [2, 3, 1], the share is 9/19."""
    assert_matches(student.call("share_of_first", [2, 3, 1]), 9 / 19, what="share_of_first([2, 3, 1])")


@pytest.mark.check("accuracy_of")
def test_accuracy_example(student):
    """Three of four are right: three quarters."""
    outputs = np.array([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5], [0.4, 0.5, 0.1], [0.1, 0.2, 0.7]])
    assert_matches(student.call("accuracy_of", outputs, np.array([0, 2, 1, 1])), 0.75, what="the accuracy")


@pytest.mark.check("standard_error")
def test_standard_error_of_a_coin(student):
    """An accuracy of one half on 100 images has a standard error of 0.05."""
    assert_matches(student.call("standard_error", 0.5, 100), 0.05, what="standard_error(0.5, 100)")


@pytest.mark.check("forward_pass")
def test_trained_outputs(student):
    """Your trained network gives ten numbers for each image."""
    assert_shape(student.model("model").predict(np.zeros((3, 784), dtype=np.float32)), (3, 10))


@pytest.mark.check("accuracy")
def test_reads_most_validation_digits(student, data):
    """Your trained network reads most validation digits; how well it has to, the check on unseen digits knows."""
    _, (x_val, y_val) = digits.load(data)
    rows = (x_val.reshape(-1, 784) / 255).astype(np.float32)
    assert_accuracy(student.model("model").predict(rows), y_val, floor=0.5, what="validation digits")
