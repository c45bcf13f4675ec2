"""The reference's NumPy networks for series compute what Keras' and PyTorch's do, and the recipe trains them."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
import torch
from keras import layers

from reference import causal_stack, forecast, forecast_keras, forecast_torch
from reference.recipes import causal_convolution as recipes

Array: TypeAlias = npt.NDArray[Any]

SERIES = np.random.default_rng(3).normal(size=(3, 90))


def random_like(weights: Sequence[Array]) -> list[Array]:
    """Weights of the same shapes, biases included, none of them special."""
    rng = np.random.default_rng(4)
    return [rng.normal(scale=0.2, size=weight.shape).astype("float32") for weight in weights]


@pytest.mark.parametrize("dilations", [forecast.PLAIN, forecast.DILATED])
def test_the_network_in_keras(dilations):
    """The shapes of the weights are Keras' own, and with random ones both networks forecast the same."""
    model = forecast_keras.network(dilations)
    weights = random_like(model.get_weights())
    model.set_weights(weights)
    assert [weight.shape for weight in weights] == forecast.weight_shapes(5, 4)
    expected = forecast.forward(weights, dilations, SERIES)[:, -10:]
    np.testing.assert_allclose(forecast_keras.predict(model, SERIES), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("dilations", [forecast.PLAIN, forecast.DILATED])
def test_the_network_in_torch(dilations):
    """PyTorch's weights, turned around, fit into the reference's network, and both forecast the same."""
    model = forecast_torch.network(dilations)
    weights = [weight.detach().numpy() for weight in model.parameters()]
    *convolutions, dense, bias = forecast.from_torch(weights)
    dense = dense[0]  # a convolution with a kernel of size 1
    assert [weight.shape for weight in (*convolutions, dense, bias)] == forecast.weight_shapes(5, 4)
    expected = forecast.forward([*convolutions, dense, bias], dilations, SERIES)[:, -10:]
    np.testing.assert_allclose(forecast_torch.predict(model, SERIES), expected, rtol=1e-3, atol=1e-4)


def test_the_mistakes_are_the_frameworks():
    """Padding both ends alike, and a ReLU after each convolution, are what Keras makes of these settings."""
    kernel = random_like([np.zeros((4, 1, 3)), np.zeros(3)])
    weights = [*kernel, np.eye(3)[:, :1], np.zeros(1)]
    for settings, mistakes in (({"padding": "same"}, {"same": True}), ({"activation": "relu"}, {"rectified": True})):
        layer = layers.Conv1D(3, 4, **{"padding": "causal", "dilation_rate": 3} | settings)
        layer.build((None, None, 1))
        layer.set_weights(kernel)
        outputs = np.asarray(layer(SERIES.astype("float32")[..., np.newaxis]))[..., 0]
        np.testing.assert_allclose(
            forecast.forward(weights, [3], SERIES, **mistakes), outputs, rtol=1e-3, atol=1e-4, err_msg=str(settings)
        )


def test_a_stack_in_both_frameworks():
    """Keras' causal layers, and torch's after zeros on the left, give what the reference's stack gives."""
    rng, dilations = np.random.default_rng(5), (2, 1, 3)
    kernels, x = [rng.normal(size=size) for size in (3, 2, 4)], rng.normal(size=20)
    in_keras, in_torch = x[np.newaxis, :, np.newaxis], torch.tensor(x).reshape(1, 1, -1)
    for kernel, dilation in zip(kernels, dilations, strict=True):
        layer = layers.Conv1D(1, len(kernel), padding="causal", dilation_rate=dilation, use_bias=False)
        layer.build((None, None, 1))
        layer.set_weights([kernel.reshape(-1, 1, 1)])
        in_keras = layer(in_keras)
        padded = torch.nn.functional.pad(in_torch, ((len(kernel) - 1) * dilation, 0))
        in_torch = torch.nn.functional.conv1d(padded, torch.tensor(kernel).reshape(1, 1, -1), dilation=dilation)
    expected = causal_stack.output(x, kernels, dilations)
    np.testing.assert_allclose(np.asarray(in_keras)[0, :, 0], expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(in_torch[0, 0].numpy(), expected, atol=1e-9)


def test_the_recipe_names_its_quantities(monkeypatch):
    """One short training gives all quantities that the grader asks for."""
    monkeypatch.setattr(forecast_torch, "EPOCHS", 1)
    monkeypatch.setattr(forecast, "TRAINING", 32)
    monkeypatch.setattr(forecast, "TEST", 50)
    found = recipes.dilated_forecast("torch", "", 0)
    names = {"plain_loss", "dilated_loss", "plain_clean_loss", "dilated_clean_loss", "ratio"}
    assert found.keys() == names
    assert found["ratio"] == found["dilated_loss"] / found["plain_loss"]
