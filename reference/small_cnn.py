"""The small CNN of `what_a_cnn_sees`, forwards and backwards, by hand.

Two blocks of a 3x3 convolution ("same"), ELU and 2x2 average pooling, then a dense layer with ELU, the scores (one for
each class), and the softmax. `scores` walks through it; `gradient` walks back with the chain rule, layer by layer.

Images are (N, H, W, C) with sides that can be halved twice; all is calculated in float64. Weights are in Keras' order
and layout, kernel and bias of each layer: (3, 3, C, F), (F,), (3, 3, F, G), (G,), (H/4 * W/4 * G, D), (D,), (D, K),
(K,).

ELU is Clevert, Unterthiner, Hochreiter 2015, with alpha = 1: its slope has no jump, so that the gradient has none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Weights: TypeAlias = Sequence[Array]


class Pass(NamedTuple):
    """What a forward pass leaves behind: the values before each ELU, the last hidden layer's shape, and the scores."""

    before_elu: tuple[Array, Array, Array]
    pooled: tuple[int, ...]
    scores: Array


def scores(weights: Weights, images: Array) -> Array:
    """The K numbers before the softmax, one for each class: (N, H, W, C) -> (N, K)."""
    return forward(weights, images).scores


def probabilities(weights: Weights, images: Array) -> Array:
    """The softmax of the scores: (N, H, W, C) -> (N, K); rows add up to 1."""
    return softmax(scores(weights, images))


def forward(weights: Weights, images: Array) -> Pass:
    """All that is known on the way from the images (N, H, W, C) to the scores (N, K)."""
    kernel_1, bias_1, kernel_2, bias_2, dense, bias_3, last, bias_4 = (np.asarray(w, dtype=np.float64) for w in weights)
    first = convolve(np.asarray(images, dtype=np.float64), kernel_1) + bias_1
    second = convolve(pool(elu(first)), kernel_2) + bias_2
    pooled = pool(elu(second))
    third = pooled.reshape(len(pooled), -1) @ dense + bias_3
    return Pass((first, second, third), pooled.shape, elu(third) @ last + bias_4)


def gradient(weights: Weights, images: Array, start: Array) -> Array:
    """The derivatives, at every number of the images, of a function of the scores whose own derivatives are `start`.

    images : (N, H, W, C).   start : (N, K); a 1 for one class and 0 elsewhere asks for that class' score.
    Returns (N, H, W, C).
    """
    (first, second, third), shape, _ = forward(weights, images)
    kernel_1, _, kernel_2, _, dense, _, last, _ = (np.asarray(w, dtype=np.float64) for w in weights)
    at_third = (start @ last.T) * elu_slope(third)
    at_second = pool_back((at_third @ dense.T).reshape(shape)) * elu_slope(second)
    at_first = pool_back(convolve_back(at_second, kernel_2)) * elu_slope(first)
    return convolve_back(at_first, kernel_1)


def random_weights(rng: np.random.Generator, like: Weights) -> list[Array]:
    """Other weights of the same shapes, float32, with a variance of 2 / inputs: a network that nobody has trained."""
    spreads = [np.sqrt(2 / max(math.prod(weight.shape[:-1]), 1)) if weight.ndim > 1 else 0.1 for weight in like]
    return [rng.normal(scale=s, size=w.shape).astype(np.float32) for s, w in zip(spreads, like, strict=True)]


def softmax(values: Array) -> Array:
    """Probabilities from scores, row by row; the largest is subtracted first, so that nothing overflows."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def elu(values: Array) -> Array:
    """x where x > 0, and exp(x) - 1 elsewhere."""
    return np.where(values > 0, values, np.expm1(np.minimum(values, 0)))


def elu_slope(values: Array) -> Array:
    """The derivative of ELU: 1 where x > 0, and exp(x) elsewhere; at 0 both are 1."""
    return np.where(values > 0, 1.0, np.exp(np.minimum(values, 0)))


def convolve(values: Array, kernel: Array) -> Array:
    """A convolution that keeps height and width, surrounded by zeros: (N, H, W, C), (3, 3, C, F) -> (N, H, W, F).

    For each place of the kernel, the image is shifted and multiplied by the matrix that stands there.
    """
    height, width = values.shape[1:3]
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1), (0, 0)))
    result = np.zeros((*values.shape[:3], kernel.shape[3]))
    for row, column in np.ndindex(3, 3):
        result += padded[:, row : row + height, column : column + width] @ kernel[row, column]
    return result


def convolve_back(at_result: Array, kernel: Array) -> Array:
    """What arrives at the input of `convolve`: each shift goes the other way, and each matrix is transposed."""
    number, height, width, _ = at_result.shape
    padded = np.zeros((number, height + 2, width + 2, kernel.shape[2]))
    for row, column in np.ndindex(3, 3):
        padded[:, row : row + height, column : column + width] += at_result @ kernel[row, column].T
    return padded[:, 1:-1, 1:-1]


def pool(values: Array) -> Array:
    """The mean of each 2x2 window: (N, H, W, C) -> (N, H/2, W/2, C)."""
    number, height, width, channels = values.shape
    return np.asarray(values.reshape(number, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4)))


def pool_back(at_result: Array) -> Array:
    """Each of the four numbers of a window has a quarter of the mean: (N, H/2, W/2, C) -> (N, H, W, C)."""
    return at_result.repeat(2, axis=1).repeat(2, axis=2) / 4


def layout(images: Array, framework: str) -> Array:
    """Images (..., H, W, C) as the framework wants them: Keras and NumPy as they are, PyTorch (..., C, H, W)."""
    return np.ascontiguousarray(np.moveaxis(images, -1, -3)) if framework == "torch" else images
