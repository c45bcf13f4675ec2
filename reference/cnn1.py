"""The deck's first CNN "cnn1": its layers and parameters by formula, standardizing, and the gap of overfitting.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", exercise 07 b): one convolution with 32 filters
and one dense layer; "here we center and standardize the data per pixel".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from reference import networks
from reference.networks import Array, Layer

INPUT, FILTERS, CLASSES, SMALL = (28, 28, 1), 32, 10, 0.0001


def layers(*, padding: str = "same", relu: bool = True) -> list[Layer]:
    """The layers of cnn1 in order, each derived from the output shape of the one before."""
    return networks.grow(
        INPUT,
        partial(networks.convolution, filters=FILTERS, padding=padding),
        *((networks.relu,) if relu else ()),
        networks.flatten,
        partial(networks.dense, units=CLASSES),
        partial(networks.activation, name="softmax"),
    )


def conv_parameters(height: int, width: int, channels: int, filters: int) -> int:
    """For each filter a weight for each pixel of its kernel in each channel, and one bias."""
    return filters * (height * width * channels + 1)


def as_input(images: Array) -> npt.NDArray[np.float32]:
    """Images (N, 28, 28) with an axis for their one channel: (N, 28, 28, 1), float32."""
    return np.asarray(images, dtype=np.float32)[..., np.newaxis]


def statistics(training: Array) -> tuple[Array, Array]:
    """The mean and the standard deviation of each pixel over the training images (N, 28, 28): (28, 28), float64."""
    training = np.asarray(training, dtype=np.float64)
    return training.mean(axis=0), training.std(axis=0)


def standardize(images: Array, mean: Array | float, std: Array | float) -> npt.NDArray[np.float32]:
    """Images (N, 28, 28), pixel by pixel less `mean` and divided by `std` + SMALL, as the network's input."""
    return as_input((np.asarray(images, dtype=np.float64) - mean) / (std + SMALL))


def overfitting_gap(history: Mapping[str, Sequence[float]]) -> Array:
    """How much better the training digits are read than the validation digits, after each epoch: (epochs,)."""
    return np.subtract(history["accuracy"], history["val_accuracy"])
