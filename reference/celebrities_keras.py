"""The course's own networks for faces in Keras, and how they are trained. Prepared pictures are (N, 48, 48, 3)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

Array = npt.NDArray[Any]


def fully_connected() -> keras.Sequential:
    """6912-100-50-8."""
    return keras.Sequential(
        [
            keras.Input((48, 48, 3)),
            layers.Flatten(),
            layers.Dense(100, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(50, activation="relu"),
            layers.Dense(8, activation="softmax"),
        ]
    )


def convolutional() -> keras.Sequential:
    """Three blocks of convolution, ReLU and max-pooling; then 64 units and 8 classes: 80,344 parameters."""
    model = keras.Sequential([keras.Input((48, 48, 3))])
    for filters in (8, 16, 32):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(8, activation="softmax"))
    return model


def train(model: keras.Sequential, images: Array, labels: Array, epochs: int) -> None:
    """Adam, mini-batches of 32, cross-entropy."""
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    model.fit(images, labels, batch_size=32, epochs=epochs, verbose=0)


def predict(model: keras.Sequential, images: Array) -> Array:
    """Class probabilities (N, 8)."""
    return np.asarray(model.predict(images, batch_size=256, verbose=0))


def start(seed: int) -> None:
    """Begin all random numbers with this seed."""
    keras.utils.set_random_seed(seed)
