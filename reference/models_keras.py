"""The course's models in Keras, and how they are trained.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II": exercise 07 c) and '1D "causal" convolution in
Keras', written for Keras 3. Images are (N, 28, 28, 1), series (N, T, 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

Array = npt.NDArray[Any]


def cnn2(*, filled: bool = True) -> keras.Sequential:
    """The compiled network cnn2; unfilled, without the block that the student adds."""
    model = keras.Sequential([keras.Input((28, 28, 1))], name="cnn2")
    for filters in (8, 8):
        _block(model, filters)
    model.add(layers.MaxPooling2D(2))
    _block(model, 16)
    if filled:
        _block(model, 16)
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(40))
    model.add(layers.BatchNormalization())
    model.add(layers.Dropout(0.3))
    model.add(layers.Activation("relu"))
    model.add(layers.Dense(10))
    model.add(layers.Activation("softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def train(images: Array, labels: Array, *, epochs: int, seed: int, filled: bool = True) -> keras.Sequential:
    """A trained cnn2. images : (N, 28, 28, 1), standardized.   labels : (N,), int."""
    keras.utils.set_random_seed(seed)
    model = cnn2(filled=filled)
    model.fit(images, labels, batch_size=32, epochs=epochs, verbose=0)
    return model


def predict(model: keras.Sequential, images: Array) -> Array:
    """Class probabilities (N, 10)."""
    return np.asarray(model.predict(images, batch_size=256, verbose=0))


def causal_layer(kernel: Sequence[float] | Array, dilation: int = 1) -> keras.Sequential:
    """A causal convolution with this kernel loaded, without bias: (N, T, 1) -> (N, T, 1)."""
    size = len(kernel)
    convolution = layers.Conv1D(1, size, padding="causal", dilation_rate=dilation, use_bias=False)
    model = keras.Sequential([keras.Input((None, 1)), convolution])
    convolution.set_weights([np.reshape(kernel, (size, 1, 1))])
    return model


def _block(model: keras.Sequential, filters: int) -> None:
    """Convolution, batch normalization, ReLU: what cnn2 repeats."""
    model.add(layers.Conv2D(filters, 3, padding="same"))
    model.add(layers.BatchNormalization())
    model.add(layers.Activation("relu"))
