"""The first CNN: the deck's numbers, statistics and gaps by slow loops, and networks of both frameworks that agree."""

import importlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import cnn1, networks


def test_the_parameters_of_the_deck():
    """320 in the convolution, 250,890 in the dense layer, all of them learned."""
    rows = [row.trainable for row in cnn1.layers() if row.weights]
    assert rows == [320, 250_890]
    assert networks.parameters(cnn1.layers()) == (251_210, 251_210, 0)


def test_the_shapes_of_the_deck():
    """Padding keeps 28x28; without it two rows and two columns are lost."""
    assert [row.shape for row in cnn1.layers()] == [(28, 28, 32), (28, 28, 32), (25088,), (10,), (10,)]
    assert cnn1.layers(padding="valid")[0].shape == (26, 26, 32)
    assert [row.type for row in cnn1.layers(relu=False)][:2] == ["Conv2D", "Flatten"]


@given(st.tuples(*[st.integers(1, 9)] * 4))
def test_a_convolution_costs_its_weights_and_biases(sizes):
    """The count is the number of entries of a kernel and of its biases."""
    height, width, channels, filters = sizes
    kernel, bias = np.zeros((height, width, channels, filters)), np.zeros(filters)
    assert cnn1.conv_parameters(*sizes) == kernel.size + bias.size


def test_statistics_and_standardizing_pixel_by_pixel():
    """For some pixels, sums over the training images give the same z, also where a pixel never varies."""
    rng = np.random.default_rng(0)
    training = rng.integers(0, 256, size=(30, 28, 28), dtype=np.uint8)
    training[:, 0, 0] = 9
    images = rng.integers(0, 256, size=(2, 28, 28), dtype=np.uint8)
    result = cnn1.standardize(images, *cnn1.statistics(training))
    assert result.shape == (2, 28, 28, 1)
    assert result.dtype == np.float32
    for r, c in ((0, 0), (5, 20), (27, 27)):
        values = [int(image[r, c]) for image in training]
        mean = sum(values) / 30
        spread = math.sqrt(sum((value - mean) ** 2 for value in values) / 30)
        for n in range(2):
            assert result[n, r, c, 0] == pytest.approx((int(images[n, r, c]) - mean) / (spread + 0.0001), rel=1e-5)


def test_the_gap_is_training_less_validation():
    """Epoch by epoch, and below zero where the validation digits are read better."""
    history = {"accuracy": [0.5, 0.75, 1.0], "val_accuracy": [0.625, 0.5, 0.875], "loss": [3.0, 2.0, 1.0]}
    assert cnn1.overfitting_gap(history).tolist() == [-0.125, 0.25, 0.125]


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_the_frameworks_networks_compute_the_same(framework):
    """After a step of training, the framework's network and the formulas agree on shapes and predictions."""
    pytest.importorskip(framework)
    nets = importlib.import_module(f"reference.digit_nets_{framework}")
    rng = np.random.default_rng(3)
    images = rng.normal(size=(20, 28, 28, 1)).astype(np.float32)
    model = nets.train(nets.cnn1, images, rng.integers(10, size=20), epochs=1, seed=0)
    if framework == "keras":
        weights = list(model.get_weights())
    else:
        weights = [value.numpy() for value in model.state_dict().values()]
    assert [weight.shape for weight in weights] == networks.weight_shapes(cnn1.layers(), framework)
    if framework == "torch":
        weights = networks.from_torch(cnn1.layers(), weights)
    ours = networks.forward(cnn1.layers(), weights, images, networks.EPSILON[framework])
    np.testing.assert_allclose(networks.as_probabilities(nets.predict(model, images)), ours, atol=1e-5)
