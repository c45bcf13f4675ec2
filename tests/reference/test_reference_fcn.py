"""The fully connected network: the deck's numbers, and both frameworks' networks that compute the same."""

import importlib
import math

import numpy as np
import pytest

from reference import fcn, networks


def test_the_parameters_of_the_deck():
    """Layer by layer, and in total, the formulas give the numbers of the deck's summary."""
    rows = [row.trainable + row.frozen for row in fcn.layers() if row.weights]
    assert rows == [392_500, 2_000, 25_050, 200, 510]
    assert networks.parameters(fcn.layers()) == (420_260, 419_160, 1_100)


def test_the_order_of_the_deck():
    """Dense, batch normalization, dropout, activation."""
    types = ["Dense", "BatchNormalization", "Dropout", "Activation:relu"]
    assert [row.type for row in fcn.layers()] == [*types, *types, "Dense", "Activation:softmax"]


def test_the_share_of_the_first_layer():
    """As in the notebook's example: 9 of 19; and of the deck's network nearly all."""
    assert fcn.share_of_first([2, 3, 1]) == pytest.approx(9 / 19)
    assert fcn.share_of_first() == pytest.approx(392_500 / 419_160)


def test_rows_are_pixels_row_by_row():
    """The number at 28 r + c is the pixel in row r and column c, divided by 255."""
    images = np.random.default_rng(0).integers(0, 256, size=(3, 28, 28), dtype=np.uint8)
    rows = fcn.to_rows(images)
    assert rows.dtype == np.float32
    for n, r, c in np.ndindex(images.shape):
        assert rows[n, 28 * r + c] == pytest.approx(int(images[n, r, c]) / 255)


def test_the_standard_error_is_how_much_accuracies_vary():
    """The spread of many simulated accuracies is what the formula says."""
    rng = np.random.default_rng(1)
    accuracies = rng.binomial(600, 0.9, size=20_000) / 600
    assert fcn.standard_error(0.9, 600) == pytest.approx(accuracies.std(), rel=0.03)


def test_accuracy_counts_one_by_one():
    """Image by image: is the class with the largest output the right one?"""
    rng = np.random.default_rng(2)
    outputs, labels = rng.normal(size=(50, 4)), rng.integers(4, size=50)
    right = 0
    for row, label in zip(outputs.tolist(), labels, strict=True):
        right += row.index(max(row)) == label
    assert math.isclose(fcn.accuracy(outputs, labels), right / 50)


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_the_frameworks_networks_compute_the_same(framework):
    """After a step of training, the framework's network and the formulas agree on shapes and predictions."""
    pytest.importorskip(framework)
    nets = importlib.import_module(f"reference.digit_nets_{framework}")
    rng = np.random.default_rng(3)
    rows = rng.uniform(size=(40, 784)).astype(np.float32)
    model = nets.train(nets.fcn, rows, rng.integers(10, size=40), epochs=1, seed=0)
    if framework == "keras":
        weights = list(model.get_weights())
    else:
        weights = [value.numpy() for value in model.state_dict().values() if value.ndim]
    assert [weight.shape for weight in weights] == networks.weight_shapes(fcn.layers(), framework)
    if framework == "torch":
        weights = networks.from_torch(fcn.layers(), weights)
    ours = networks.forward(fcn.layers(), weights, rows, networks.EPSILON[framework])
    np.testing.assert_allclose(networks.as_probabilities(nets.predict(model, rows)), ours, atol=1e-5)
