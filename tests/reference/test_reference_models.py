"""The models in both frameworks are the networks that the formulas describe, and compute what NumPy computes."""

import importlib
from typing import Any

import numpy as np
import pytest

from reference import causal, cnn2

LAYOUT = {"keras": (0, 1, 2, 3), "torch": (0, 3, 1, 2)}


@pytest.fixture(scope="module", params=["keras", "torch"])
def framework(request):
    return request.param


@pytest.fixture(scope="module")
def models(framework):
    pytest.importorskip(framework)
    return importlib.import_module(f"reference.models_{framework}")


@pytest.fixture(scope="module")
def trained(framework, models):
    """A network after two steps of training, so that batch normalization has seen something."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(40, 28, 28, 1)).astype(np.float32).transpose(LAYOUT[framework])
    return models.train(images, rng.integers(0, 10, size=40), epochs=1, seed=0)


def weights_of(framework: str, model: Any) -> list[Any]:
    if framework == "keras":
        return list(model.get_weights())
    return [value.numpy() for value in model.state_dict().values() if value.ndim]


def test_the_weights_have_the_shapes_of_the_formulas(framework, trained):
    """The framework's own weights are those that `weight_shapes` lists."""
    assert [weight.shape for weight in weights_of(framework, trained)] == cnn2.weight_shapes(framework)


def test_numpys_forward_pass_is_the_frameworks(framework, models, trained):
    """The same weights give the same predictions in NumPy and in the framework."""
    images = np.random.default_rng(1).normal(size=(6, 28, 28, 1)).astype(np.float32)
    outputs = models.predict(trained, images.transpose(LAYOUT[framework]))
    weights = weights_of(framework, trained)
    if framework == "torch":
        weights = cnn2.from_torch(weights)
    expected = cnn2.forward(weights, images, cnn2.EPSILON[framework])
    np.testing.assert_allclose(cnn2.as_probabilities(outputs), expected, atol=1e-5)


def test_the_unfilled_network_has_the_parameters_of_the_formula(framework, models):
    """Without the student's layers the framework counts what the formulas count."""
    weights = weights_of(framework, models.cnn2(filled=False))
    total, _, _ = cnn2.parameters(cnn2.layers(filled=False))
    assert sum(weight.size for weight in weights) == total


@pytest.mark.parametrize(("size", "dilation"), [(2, 1), (3, 2), (1, 4), (4, 5)])
def test_the_causal_layer_is_the_causal_convolution(framework, models, size, dilation):
    """The layer of each framework computes what the loops compute."""
    rng = np.random.default_rng(size)
    series, kernel = rng.normal(size=(2, 11)), rng.normal(size=size)
    batch = np.expand_dims(series.astype(np.float32), 2 if framework == "keras" else 1)
    outputs = models.predict(models.causal_layer(kernel, dilation), batch).reshape(2, 11)
    np.testing.assert_allclose(outputs, [causal.causal_conv1d(x, kernel, dilation) for x in series], atol=1e-4)


def test_training_is_the_same_for_the_same_seed(framework, models, trained):
    """One seed, one network."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(40, 28, 28, 1)).astype(np.float32).transpose(LAYOUT[framework])
    again = models.train(images, rng.integers(0, 10, size=40), epochs=1, seed=0)
    for one, other in zip(weights_of(framework, trained), weights_of(framework, again), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
