"""The deck's fully connected network "fcn": its layers and parameters by formula, and what its exercise computes.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", exercise 07 a): 784-500-50-10 with batch
normalization and dropout, in the order Dense, BatchNormalization, Dropout, Activation. The deck prints no dropout
rate; RATE is this course's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from reference import networks
from reference.networks import Array, Layer

SIZES, RATE = (28 * 28, 500, 50, 10), 0.3
INPUTS, *HIDDEN, CLASSES = SIZES


def layers(sizes: Sequence[int] = SIZES) -> list[Layer]:
    """The layers of a network of these sizes (inputs, units, ..., classes), of fcn where there are none given."""
    inputs, *hidden, classes = sizes
    end = partial(networks.dense, units=classes), partial(networks.activation, name="softmax")
    return networks.grow((inputs,), *(make for units in hidden for make in _block(units)), *end)


def _block(units: int) -> tuple[Callable[[tuple[int, ...]], Layer], ...]:
    """What fcn repeats for each hidden layer."""
    return partial(networks.dense, units=units), networks.batch_normalization, networks.dropout, networks.relu


def share_of_first(sizes: Sequence[int] = SIZES) -> float:
    """The share of the learned parameters of such a network that is in its first dense layer."""
    stack = layers(sizes)
    return stack[0].trainable / networks.parameters(stack)[1]


def to_rows(images: Array) -> npt.NDArray[np.float32]:
    """Images (N, 28, 28) of grey values from 0 to 255 as rows (N, 784) from 0 to 1, float32."""
    return np.asarray(np.reshape(images, (len(images), -1)) / 255, dtype=np.float32)


def accuracy(outputs: Array, labels: Array) -> float:
    """The share of examples whose largest output is that of the right class.   outputs : (N, K).   labels : (N,)."""
    return float(np.mean(np.argmax(outputs, axis=1) == labels))


def standard_error(accuracy: float, number: int) -> float:
    """Of an accuracy that was measured on so many examples: sqrt(p (1 - p) / n), as each is right or wrong."""
    return math.sqrt(accuracy * (1 - accuracy) / number)
