"""A residual block, and how much of the gradient reaches the first layer of a plain and of a residual stack.

Sources: He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2015); the same, "Identity mappings in
deep residual networks" (2016), from which it comes that nothing follows the addition; "Machine Intelligence: Deep
Learning", week 5, "CNNs part II", the slides "ResNet basic design (VGG-style)": x_{i+1} = x_i + F(x_i).

Images are (N, H, W, C), kernels (height, width, channels in, filters). Everything computes in float64.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from reference import image_layers

Array: TypeAlias = npt.NDArray[np.float64]


class Block(NamedTuple):
    """The weights of one block: two 3x3 convolutions, and a 1x1 projection (without bias) where shapes change."""

    kernel1: Array
    bias1: Array
    kernel2: Array
    bias2: Array
    projection: Array | None = None


def block(
    images: npt.ArrayLike, weights: Block, stride: int = 1, padding: image_layers.Padding = "same"
) -> image_layers.Images:
    """x + F(x), or P(x) + F(x) with a projection. (N, H, W, C) -> (N, rows, columns, filters).

    padding : of the 3x3 convolutions, "same" as in Keras or 1 as in PyTorch; with stride 1 both are the same.
    """
    return shortcut(images, weights, stride) + residual(images, weights, stride, padding)


def residual(
    images: npt.ArrayLike, weights: Block, stride: int = 1, padding: image_layers.Padding = "same"
) -> image_layers.Images:
    """F(x): a convolution with the stride, a ReLU, a convolution. No ReLU comes last: F may also be negative."""
    hidden = image_layers.relu(image_layers.convolve(images, weights.kernel1, weights.bias1, stride, padding))
    return image_layers.convolve(hidden, weights.kernel2, weights.bias2, 1, padding)


def shortcut(images: npt.ArrayLike, weights: Block, stride: int = 1) -> image_layers.Images:
    """What F(x) is added to: x itself, or its projection, which takes every stride-th pixel."""
    if weights.projection is None:
        return np.asarray(images, dtype=np.float64)
    return image_layers.convolve(images, weights.projection, 0.0, stride, 0)


def states(weights: npt.ArrayLike, x: npt.ArrayLike, *, shortcuts: bool) -> list[Array]:
    """The input and what each layer of a stack makes of it: h -> tanh(h W), with `shortcuts` h -> h + tanh(h W).

    weights : (layers, D, D).   x : (N, D).   Returns layers + 1 arrays (N, D).
    """
    result = [np.asarray(x, dtype=np.float64)]
    for w in np.asarray(weights, dtype=np.float64):
        step = np.tanh(result[-1] @ w)
        result.append(result[-1] + step if shortcuts else step)
    return result


def cost(weights: npt.ArrayLike, x: npt.ArrayLike, *, shortcuts: bool) -> float:
    """The sum of a stack's outputs, as the mean over the batch."""
    return float(states(weights, x, shortcuts=shortcuts)[-1].sum(axis=1).mean())


def gradients(weights: npt.ArrayLike, x: npt.ArrayLike, *, shortcuts: bool) -> Array:
    """The gradient of the cost by every weight, by backpropagation. (layers, D, D)."""
    layers, h = np.asarray(weights, dtype=np.float64), states(weights, x, shortcuts=shortcuts)
    result = np.zeros_like(layers)
    arriving = np.full_like(h[-1], 1 / len(h[-1]))
    for number in reversed(range(len(layers))):
        before_tanh = arriving * (1 - np.tanh(h[number] @ layers[number]) ** 2)
        result[number] = h[number].T @ before_tanh
        arriving = before_tanh @ layers[number].T + (arriving if shortcuts else 0.0)
    return result


def gradient_norms(weights: npt.ArrayLike, x: npt.ArrayLike) -> tuple[float, float]:
    """The Euclidean norms of the first layer's gradient, (plain, with shortcuts)."""
    plain, shortcuts = (gradients(weights, x, shortcuts=way)[0] for way in (False, True))
    return float(np.linalg.norm(plain)), float(np.linalg.norm(shortcuts))


def stack(rng: np.random.Generator, layers: int, size: int, scale: float = 0.6) -> Array:
    """Random weights (layers, size, size) whose products with a vector are about `scale` times as long."""
    return np.asarray(scale / np.sqrt(size) * rng.normal(size=(layers, size, size)))
