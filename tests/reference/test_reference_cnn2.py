"""The network cnn2 by formula: the deck's numbers, and a forward pass that agrees with itself in PyTorch's layout."""

import math

import numpy as np
import pytest

from reference import cnn2


def random_weights(seed: int = 0) -> list[np.ndarray]:
    """Weights in Keras' layout; those of one axis are positive, as a variance has to be."""
    rng = np.random.default_rng(seed)
    weights = []
    for shape in cnn2.weight_shapes("keras"):
        spread = rng.normal(size=shape) / math.sqrt(math.prod(shape[:-1]))
        weights.append(rng.uniform(0.5, 1.0, size=shape) if len(shape) == 1 else spread)
    return weights


def test_the_parameters_of_the_deck():
    """Layer by layer, and in total, the formulas give the numbers of Keras' summary."""
    with_parameters = [row.trainable + row.frozen for row in cnn2.layers() if row.weights]
    assert with_parameters == [80, 32, 584, 32, 1168, 64, 2320, 64, 31400, 160, 410]
    assert cnn2.parameters(cnn2.layers()) == (36_314, 36_138, 176)


def test_the_unfilled_network():
    """Without the student's four layers there are more parameters, not fewer."""
    assert cnn2.parameters(cnn2.layers(filled=False)) == (128_010, 127_866, 144)
    assert len(cnn2.layers()) - len(cnn2.layers(filled=False)) == 4


def test_the_shapes_on_the_way():
    """Two max-poolings halve 28 twice; 7x7x16 numbers are flattened."""
    assert [row.shape for row in cnn2.layers() if row.type == "MaxPooling2D"] == [(14, 14, 8), (7, 7, 16)]
    assert [row.shape for row in cnn2.layers() if row.type == "Flatten"] == [(784,)]
    assert cnn2.layers()[-1] == cnn2.Layer("Activation:softmax", (10,))
    assert cnn2.layers(final_softmax=False)[-1].type == "Dense"


@pytest.mark.parametrize("filled", [True, False])
def test_counts_and_weight_shapes_are_one_truth(filled):
    """The counts by formula are the sizes of the weights."""
    for row in cnn2.layers(filled=filled):
        assert row.trainable + row.frozen == sum(math.prod(shape) for shape in row.weights)


def test_weight_shapes_of_torch():
    """PyTorch has the output channels first, and dense matrices the other way round."""
    assert cnn2.weight_shapes("torch")[:2] == [(8, 1, 3, 3), (8,)]
    assert (40, 784) in cnn2.weight_shapes("torch")
    assert len(cnn2.weight_shapes("torch")) == len(cnn2.weight_shapes("keras"))


def test_from_torch_gives_the_shapes_of_keras():
    """Every weight has the shape that Keras gives it."""
    weights = [np.zeros(shape) for shape in cnn2.weight_shapes("torch")]
    assert [weight.shape for weight in cnn2.from_torch(weights)] == cnn2.weight_shapes("keras")


def test_forward_gives_probabilities():
    """Ten positive numbers that add up to 1 for each image, and different ones for different images."""
    images = np.random.default_rng(1).normal(size=(3, 28, 28, 1))
    outputs = cnn2.forward(random_weights(), images)
    assert outputs.shape == (3, 10)
    np.testing.assert_allclose(outputs.sum(axis=1), 1.0)
    assert not np.allclose(outputs[0], outputs[1])


def test_forward_treats_images_one_by_one():
    """At prediction time, batch normalization does not look at the batch."""
    images = np.random.default_rng(2).normal(size=(4, 28, 28, 1))
    weights = random_weights()
    together = cnn2.forward(weights, images)
    np.testing.assert_allclose(together[2:3], cnn2.forward(weights, images[2:3]), atol=1e-12)


def test_logits_and_probabilities_are_told_apart():
    """Probabilities stay as they are; logits go through a softmax that does not overflow."""
    logits = np.array([[1000.0, 1000.0], [-5.0, 5.0]])
    probabilities = cnn2.as_probabilities(logits)
    np.testing.assert_allclose(probabilities[0], [0.5, 0.5])
    np.testing.assert_array_equal(cnn2.as_probabilities(probabilities), probabilities)


def test_standardizing_uses_the_training_images_alone():
    """The training images get mean 0 and spread 1 at each pixel that varies; others are measured by the same rule."""
    rng = np.random.default_rng(3)
    training = rng.integers(0, 256, size=(50, 28, 28), dtype=np.uint8)
    training[:, 0, 0] = 7
    result = cnn2.standardize(training, training)
    assert result.shape == (50, 28, 28, 1)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(result.std(axis=0).ravel()[1:], 1, atol=1e-4)
    np.testing.assert_array_equal(cnn2.standardize(training[:1], training), result[:1])
