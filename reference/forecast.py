"""Forecasting a wave within a wave: the series, what a causal network computes on them, and the best one can do.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", "Dilated 1D causal convolution in Keras", and the
notebook that it names for `gen_data` (Dürr, Sick, Murina, "Probabilistic Deep Learning", chapter 2): a fast sine wave
whose amplitude is another, slow one. Series are (N, T), or (N, T, 1) as Keras has them; all numbers are float64 here.

The network has no activation, so that it is one long linear filter. Which filter of a given length forecasts best,
follows from the series themselves (Wiener, "Extrapolation, interpolation and smoothing of stationary time series",
1949; the normal equations in any book on time series).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

SEEN, LOOK_AHEAD = 128, 10  # steps that a network sees, and steps after them that it forecasts
STEPS = SEEN + LOOK_AHEAD
FILTERS, KERNEL_SIZE = 32, 5
PLAIN, DILATED = (1, 1, 1, 1), (1, 2, 4, 8)
NOISE, TRAINING, TEST, EPOCHS, BATCH = 0.1, 256, 1000, 20, 32  # the notebook's experiment


def wave(starts: npt.ArrayLike, steps: npt.ArrayLike, intervals: int = STEPS - 1) -> Floats:
    """The series without noise at some steps, counted from 0. starts : (N,), in radians.   Returns (N, len(steps)).

    Ten periods of the fast wave and a half of the slow one lie between step 0 and the last one.
    """
    start, part = np.reshape(starts, (-1, 1)), np.asarray(steps, dtype=np.float64) / intervals
    return np.asarray(np.sin(start + 20 * np.pi * part) * np.sin(start + np.pi * part))


def gen_data(size: int, noise: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """`size` random series: their first 128 steps (N, 128), and the 10 after them (N, 10).

    A start and the one half a turn later give the same wave, since both sines change their sign.
    """
    series = wave(rng.uniform(0, np.pi, size), np.arange(STEPS)) + rng.normal(0, noise, (size, STEPS))
    return series[:, :SEEN], series[:, SEEN:]


def fitted_starts(series: Array, intervals: int = STEPS - 1) -> Floats:
    """For each series the start of the wave that fits best, between 0 and pi; the steps count from 0. (N, T) -> (N,).

    By sin a sin b = (cos(a - b) - cos(a + b)) / 2, the wave is half of cos(19 pi u) - cos(2 start + 21 pi u): the first
    part is the same for all, and the second one is linear in cos(2 start) and sin(2 start).
    """
    part = np.arange(series.shape[1]) / intervals
    rest = np.cos(19 * np.pi * part) - 2 * np.asarray(series, dtype=np.float64)
    design = np.stack([np.cos(21 * np.pi * part), -np.sin(21 * np.pi * part)], axis=1)
    cosine, sine = np.linalg.lstsq(design, rest.T, rcond=None)[0]
    return np.asarray(np.arctan2(sine, cosine) / 2 % np.pi)


def baseline(seen: Array) -> Array:
    """For every step to be forecast the value `LOOK_AHEAD` steps before it. (N, T, ...) -> (N, 10, ...)."""
    return seen[:, -LOOK_AHEAD:]


def mse(forecasts: Array, truth: Array) -> float:
    """The mean of the squared errors of all steps of all series."""
    return float(np.mean((np.asarray(forecasts, dtype=np.float64) - truth) ** 2))


def parameters(kernel_size: int, layers: int) -> list[int]:
    """Of each convolution and of the last, dense layer: one weight per input and place, and one bias per filter."""
    channels = [1, *[FILTERS] * layers]
    convolutions = [kernel_size * inputs * FILTERS + FILTERS for inputs in channels[:-1]]
    return [*convolutions, channels[-1] + 1]


def weight_shapes(kernel_size: int, layers: int) -> list[tuple[int, ...]]:
    """The shapes of the network's weights in Keras' order and layout: (K, channels in, filters), then its biases."""
    shapes: list[tuple[int, ...]] = []
    for inputs in [1, *[FILTERS] * (layers - 1)]:
        shapes += [(kernel_size, inputs, FILTERS), (FILTERS,)]
    return [*shapes, (FILTERS, 1), (1,)]


def from_torch(weights: Sequence[Array]) -> list[Array]:
    """PyTorch's weights in Keras' layout: axes in the opposite order."""
    return [weight.transpose() for weight in weights]


def forward(
    weights: Sequence[Array], dilations: Sequence[int], series: Array, *, same: bool = False, rectified: bool = False
) -> Floats:
    """The network's output at every step of the series. weights : as `weight_shapes` says.   (N, T) -> (N, T).

    same : the mistake of padding both ends alike.   rectified : the mistake of a ReLU after each convolution.
    """
    values = np.asarray(series, dtype=np.float64)[..., np.newaxis]
    *convolutions, matrix, bias = (np.asarray(weight, dtype=np.float64) for weight in weights)
    for kernel, shift, dilation in zip(convolutions[::2], convolutions[1::2], dilations, strict=True):
        values = _convolve(values, kernel, dilation, same) + shift
        values = np.maximum(values, 0.0) if rectified else values
    return np.asarray((values @ matrix.reshape(-1, 1) + bias)[..., 0])


def _convolve(values: Floats, kernel: Floats, dilation: int, same: bool) -> Floats:
    """A convolution that keeps the length: for each place in the kernel, the shifted series times a matrix."""
    zeros, steps = (len(kernel) - 1) * dilation, values.shape[1]
    after = zeros - zeros // 2 if same else 0
    padded = np.pad(values, ((0, 0), (zeros - after, after), (0, 0)))
    result = np.zeros((*values.shape[:2], kernel.shape[2]))
    for i, part in enumerate(kernel):
        result += padded[:, i * dilation : i * dilation + steps] @ part
    return result


def best_linear_loss(memory: int, noise: float) -> float:
    """The smallest mean squared error that any linear filter with that memory, and a bias, can expect on fresh series.

    The expectation over all starts is a mean over evenly spaced ones: the products of two steps of the wave are
    trigonometric polynomials in the start, which such a mean integrates exactly. Noise adds its variance to the
    square of every step, and to nothing else.
    """
    waves = wave(np.arange(12) * np.pi / 12, np.arange(STEPS))
    newest = np.arange(SEEN - LOOK_AHEAD, SEEN)  # what the ten outputs see last
    past = newest[:, np.newaxis] - np.arange(memory + 1)
    seen = waves[:, past].reshape(-1, memory + 1)
    design = np.concatenate([seen, np.ones((len(seen), 1))], axis=1)
    target = waves[:, newest + LOOK_AHEAD].reshape(-1)
    moments = design.T @ design / len(design)
    moments[np.arange(memory + 1), np.arange(memory + 1)] += noise**2
    products = design.T @ target / len(design)
    explained = products @ np.linalg.lstsq(moments, products, rcond=None)[0]
    return float(np.mean(target**2) - explained + noise**2)
