"""The deck's network "cnn2": its layers, shapes and parameters by formula, and what it computes, in NumPy.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", exercise 07 c). The four layers between
"here is your code coming" and "end of your code" are the student's; the network without them is the *unfilled* one.
Shapes and weights are as in `reference.networks`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from reference import networks
from reference.networks import EPSILON, Array, Framework, Layer, as_probabilities, parameters, softmax

__all__ = [
    "CLASSES",
    "DENSE",
    "EPSILON",
    "Framework",
    "Layer",
    "as_probabilities",
    "forward",
    "from_torch",
    "layers",
    "parameters",
    "softmax",
    "standardize",
    "weight_shapes",
]

INPUT, DENSE, CLASSES = (28, 28, 1), 40, 10


def layers(*, filled: bool = True, final_softmax: bool = True) -> list[Layer]:
    """The layers of cnn2 in order, each derived from the output shape of the one before."""
    missing = (*_block(16), networks.max_pooling) if filled else ()
    end = (partial(networks.activation, name="softmax"),) if final_softmax else ()
    return networks.grow(
        INPUT,
        *_block(8),
        *_block(8),
        networks.max_pooling,
        *_block(16),
        *missing,
        networks.flatten,
        partial(networks.dense, units=DENSE),
        networks.batch_normalization,
        networks.dropout,
        networks.relu,
        partial(networks.dense, units=CLASSES),
        *end,
    )


def _block(filters: int) -> tuple[Callable[[tuple[int, ...]], Layer], ...]:
    """Convolution, batch normalization, ReLU: what cnn2 repeats."""
    return partial(networks.convolution, filters=filters), networks.batch_normalization, networks.relu


def weight_shapes(framework: Framework) -> list[tuple[int, ...]]:
    """The shapes of the filled network's weights, in the order and layout of the framework."""
    return networks.weight_shapes(layers(), framework)


def from_torch(weights: Sequence[Array]) -> list[Array]:
    """PyTorch's weights of the filled network in Keras' layout."""
    return networks.from_torch(layers(), weights)


def forward(weights: Sequence[Array], images: Array, epsilon: float = EPSILON["keras"]) -> Array:
    """The class probabilities of the filled network with these weights, as it predicts after training.

    weights : shapes as in `weight_shapes("keras")`.   images : (N, 28, 28, 1).   Returns (N, 10), float64.
    """
    return networks.forward(layers(), weights, images, epsilon)


def standardize(images: Array, training: Array) -> npt.NDArray[np.float32]:
    """The deck's pixel-wise standardizing, by the TRAINING images' statistics alone.

    images, training : (N, 28, 28), any numbers.   Returns (N, 28, 28, 1), float32.
    """
    training = np.asarray(training, dtype=np.float64)
    mean, std = training.mean(axis=0), training.std(axis=0)
    return np.asarray((images - mean) / (std + 0.0001), dtype=np.float32)[..., np.newaxis]
