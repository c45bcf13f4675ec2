"""The forecasting networks in Keras, and how they are trained. Source: see `reference.forecast`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from reference.forecast import BATCH, EPOCHS, FILTERS, KERNEL_SIZE, LOOK_AHEAD

Array = npt.NDArray[Any]


def network(dilations: Sequence[int], kernel_size: int = KERNEL_SIZE) -> keras.Sequential:
    """(N, T, 1) -> (N, 10, 1): one causal convolution for each dilation, a dense layer, the last steps."""
    stack = [layers.Conv1D(FILTERS, kernel_size, padding="causal", dilation_rate=each) for each in dilations]
    cut = layers.Lambda(lambda y: y[:, -LOOK_AHEAD:])
    return keras.Sequential([keras.Input((None, 1)), *stack, layers.Dense(1), cut])


def train(dilations: Sequence[int], seen: Array, ahead: Array, *, seed: int) -> keras.Sequential:
    """A network trained on series (N, 128) to forecast (N, 10)."""
    keras.utils.set_random_seed(seed)
    model = network(dilations)
    model.compile(optimizer="adam", loss="mean_squared_error")
    inputs, targets = (np.asarray(series, dtype=np.float32)[..., np.newaxis] for series in (seen, ahead))
    model.fit(inputs, targets, epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return model


def predict(model: keras.Sequential, seen: Array) -> Array:
    """Forecasts (N, 10) for series (N, T)."""
    inputs = np.asarray(seen, dtype=np.float32)[..., np.newaxis]
    return np.asarray(model.predict(inputs, batch_size=250, verbose=0))[..., 0]
