"""Checks that run in your own notebook: what the text works out, and what can be counted on paper."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_parameters, assert_shape, assert_true

LENET5_BEGINS = [
    {"layer": "conv", "filters": 6, "kernel": 5, "stride": 1, "padding": 0},
    {"layer": "pool", "kernel": 2, "stride": 2},
]


def images_of(framework, shape):
    """A batch of one black image of this shape (height, width, channels), in the framework's layout."""
    height, width, channels = shape
    return np.zeros((1, *shape) if framework == "keras" else (1, channels, height, width), dtype=np.float32)


@pytest.mark.check("layer_table")
def test_first_rows(student):
    """Your layer_table gives the two rows of the text for LeNet-5's first two layers."""
    rows = student.call("layer_table", LENET5_BEGINS, (32, 32, 1))
    assert_matches(rows, [("conv", (28, 28, 6), 156), ("pool", (14, 14, 6), 0)], what="the table")


@pytest.mark.check("dense_share")
def test_only_dense(student):
    """A net of dense layers has all its parameters in dense layers."""
    net = [{"layer": "flatten"}, {"layer": "dense", "units": 5}]
    assert_matches(student.call("dense_share", net, (3, 2, 1)), 1.0, what="the share")


@pytest.mark.check("lenet5")
def test_lenet5_parameters(student, framework):
    """Your LeNet-5 has 156 + 2,416 + 48,120 + 10,164 + 850 parameters, and gives 10 numbers for an image."""
    images = images_of(framework, (32, 32, 1))
    model = student.build("lenet5")
    assert_parameters(model.layers(images), total=156 + 2_416 + 48_120 + 10_164 + 850, what="your LeNet-5")
    assert_shape(model.predict(images), (1, 10), what="its answer")


@pytest.mark.check("alexnet")
def test_alexnet_small(student, framework):
    """A small AlexNet, of width 1 with 2 hidden units and 3 classes, begins with 364 parameters and gives 3 numbers."""
    assert_begins(student, framework, "alexnet", 11 * 11 * 3 + 1)


@pytest.mark.check("vgg16")
def test_vgg16_small(student, framework):
    """A small VGG16, of width 1 with 2 hidden units and 3 classes, begins with 28 parameters and gives 3 numbers."""
    assert_begins(student, framework, "vgg16", 3 * 3 * 3 + 1)


def assert_begins(student, framework, name, first):
    """The small network's first layer with parameters has so many, and three numbers come out for an image."""
    images = images_of(framework, (224, 224, 3))
    model = student.build(name, 1, 2, 3)
    counts = [layer.parameters for layer in model.layers(images).layers if layer.parameters]
    assert_matches(counts[:1], [first], what="the parameters of the first layer that has any")
    assert_shape(model.predict(images), (1, 3), what="its answer")


@pytest.mark.check("full_size")
def test_full_size_layers(student):
    """AlexNet has 8 layers with parameters in full size, and VGG16 has the 16 of its name."""
    for name, wanted in (("alexnet_full", 8), ("vgg16_full", 16)):
        counts = [layer.parameters for layer in student.model(name).layers().layers if layer.parameters]
        assert_true(
            len(counts) == wanted,
            f"{name} has {len(counts)} layers with parameters, and not {wanted}",
            "convolutions and dense layers have parameters; poolings, activations and dropout have none",
        )


@pytest.mark.check("inception")
def test_inception_depth(student, framework):
    """GoogLeNet's first inception module makes 64 + 128 + 32 + 32 channels of 192, and keeps height and width."""
    images = images_of(framework, (6, 7, 192))
    answer = student.build("inception", 192, 64, 96, 128, 16, 32, 32).predict(images)
    assert_shape(answer, (1, 6, 7, 256) if framework == "keras" else (1, 256, 6, 7), what="its answer")


@pytest.mark.check("resnet_bottleneck")
def test_bottleneck_shape(student, framework):
    """Your bottleneck keeps the shape of its input."""
    images = images_of(framework, (5, 4, 8))
    assert_shape(student.build("resnet_bottleneck", 8, 2).predict(images), images.shape, what="its answer")
