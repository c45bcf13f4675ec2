"""The networks fcn and cnn1 of home work 07 in Keras, and how they are trained.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", exercises 07 a) and b), written for Keras 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

Array = npt.NDArray[Any]


def fcn(rate: float = 0.3) -> keras.Sequential:
    """The fully connected network: rows (N, 784) -> class probabilities (N, 10)."""
    model = keras.Sequential([keras.Input((784,))], name="fcn")
    for units in (500, 50):
        model.add(layers.Dense(units))
        model.add(layers.BatchNormalization())
        model.add(layers.Dropout(rate))
        model.add(layers.Activation("relu"))
    model.add(layers.Dense(10))
    model.add(layers.Activation("softmax"))
    return model


def cnn1() -> keras.Sequential:
    """One convolution, one dense layer: images (N, 28, 28, 1) -> class probabilities (N, 10)."""
    model = keras.Sequential([keras.Input((28, 28, 1))], name="cnn1")
    model.add(layers.Conv2D(32, 3, padding="same"))
    model.add(layers.Activation("relu"))
    model.add(layers.Flatten())
    model.add(layers.Dense(10))
    model.add(layers.Activation("softmax"))
    return model


def train(
    make: Callable[[], keras.Sequential], inputs: Array, labels: Array, *, epochs: int, seed: int
) -> keras.Sequential:
    """A trained network: Adam, mini-batches of 32, cross-entropy.   labels : (N,), int."""
    keras.utils.set_random_seed(seed)
    model = make()
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    model.fit(inputs, labels, batch_size=32, epochs=epochs, verbose=0)
    return model


def predict(model: keras.Sequential, inputs: Array) -> Array:
    """Class probabilities (N, 10)."""
    return np.asarray(model.predict(inputs, batch_size=256, verbose=0))
