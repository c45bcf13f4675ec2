"""Checks that run in your own notebook: what a person can work out from the text."""

import digits
import numpy as np
import pytest

from referee.checks import assert_accuracy, assert_matches, assert_parameters, assert_shape, assert_true

KEYS = ["accuracy", "loss", "val_accuracy", "val_loss"]


def shape_for(framework, number):
    """The shape of a batch of so many images in the framework's layout."""
    return (number, 28, 28, 1) if framework == "keras" else (number, 1, 28, 28)


@pytest.mark.check("conv_parameters")
def test_counting_example(student):
    """4 filters of 1x2 pixels on 3 channels have 28 parameters."""
    assert_matches(student.call("conv_parameters", 1, 2, 3, 4), 28, what="conv_parameters(1, 2, 3, 4)")


@pytest.mark.check("layers")
def test_ten_outputs(student, framework):
    """Your network makes ten numbers of an image."""
    images = np.zeros(shape_for(framework, 3), dtype=np.float32)
    assert_shape(student.build("make_model").predict(images), (3, 10), what="the prediction for three images")


@pytest.mark.check("parameter_count")
def test_all_learned(student, framework):
    """All parameters are learned: there is no batch normalization in it."""
    example = np.zeros(shape_for(framework, 1), dtype=np.float32)
    assert_parameters(student.build("make_model").layers(example), frozen=0, what="your network")


@pytest.mark.check("statistics")
def test_one_number_for_each_pixel(student):
    """The mean and the standard deviation are one number for each of the 28x28 pixels."""
    for name in ("x_mean", "x_std"):
        assert_shape(student[name], (28, 28), what=name)


@pytest.mark.check("standardize")
def test_training_images_have_mean_0(student, data, framework):
    """The standardized training images are in the network's layout and have the mean 0 at every pixel."""
    (x_train, _), _ = digits.load(data)
    values = student.call("standardize", x_train)
    assert_shape(values, shape_for(framework, len(x_train)), what="standardize(x_train)")
    means = np.mean(np.asarray(values, dtype=np.float64), axis=0).reshape(28, 28)
    assert_matches(means, np.zeros((28, 28)), atol=1e-2, what="the mean of each pixel")


@pytest.mark.check("overfitting_gap")
def test_gap_example(student):
    """0.9 on the training digits and 0.75 on the validation digits are a gap of 0.15."""
    history = {"loss": [0.5], "accuracy": [0.9], "val_loss": [0.7], "val_accuracy": [0.75]}
    assert_matches(student.call("overfitting_gap", history), [0.15], atol=1e-6, what="the gap")


@pytest.mark.check("after_training")
def test_after_one_epoch(student):
    """After a single epoch, that is also the last one: accuracy 0.75, gap 0.15."""
    history = {"loss": [0.5], "accuracy": [0.9], "val_loss": [0.7], "val_accuracy": [0.75]}
    answer = student.call("after_training", history)
    found = list(answer) if isinstance(answer, tuple) else answer
    assert_matches(found, [0.75, 0.15], atol=1e-6, what="after_training")


@pytest.mark.check("runs")
def test_histories(student):
    """Both histories have four numbers for each epoch."""
    for name in ("raw_history", "history"):
        history = student.history(name)
        lengths = {len(series) for series in history.values()}
        assert_true(
            sorted(history) == KEYS and len(lengths) == 1 and lengths != {0},
            f"`{name}` has the series {', '.join(sorted(history)[:6])} of the lengths {sorted(lengths)[:6]}",
            "keep what `fit` returns as it is",
        )


@pytest.mark.check("forward_pass")
def test_trained_outputs(student, framework):
    """Both trained networks give ten numbers for each image."""
    images = np.zeros(shape_for(framework, 3), dtype=np.float32)
    for name in ("raw_model", "model"):
        assert_shape(student.model(name).predict(images), (3, 10), what=f"the prediction of `{name}`")


@pytest.mark.check("accuracy")
def test_reads_most_validation_digits(student, data, framework):
    """Your network reads most validation digits; how well it has to, the check on unseen digits knows."""
    (x_train, _), (x_val, y_val) = digits.load(data)
    images = (x_val - x_train.mean(axis=0)) / (x_train.std(axis=0) + 0.0001)
    inputs = images.astype(np.float32).reshape(shape_for(framework, len(x_val)))
    assert_accuracy(student.model("model").predict(inputs), y_val, floor=0.5, what="validation digits")
