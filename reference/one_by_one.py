"""Convolutions of 1x1: a dense layer along the depth, and what it costs and saves.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the slide "1x1 convolutions act only in depth
dimension"; Lin, Chen, Yan, "Network In Network", arXiv:1312.4400.

Images are (H, W, C) or (N, H, W, C); the numbers of one pixel are its *fiber*.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reference import forward
from reference.forward import Array


def conv1x1(image: npt.ArrayLike, weights: npt.ArrayLike, bias: npt.ArrayLike | None = None) -> Array:
    """Each fiber times the weights, plus the bias.

    image : (..., C).   weights : (C, F).   bias : (F,).   Returns (..., F), float64.
    """
    fibers = np.asarray(image, dtype=np.float64)
    result = fibers @ np.asarray(weights, dtype=np.float64)
    return np.asarray(result if bias is None else result + np.asarray(bias, dtype=np.float64))


def parameters(channels: int, filters: int, kernel_size: int, *, bias: bool = True) -> int:
    """One weight for each number that a filter sees, and one bias for each filter."""
    return kernel_size * kernel_size * channels * filters + (filters if bias else 0)


def bottleneck_parameters(channels: int, reduced: int, filters: int, kernel_size: int) -> int:
    """The parameters of a 1x1 convolution to `reduced` channels and of the larger convolution behind it."""
    return parameters(channels, reduced, 1) + parameters(reduced, filters, kernel_size)


def saved_parameters(channels: int, reduced: int, filters: int, kernel_size: int) -> int:
    """How many parameters fewer the bottleneck has than the direct convolution; negative where it has more."""
    direct = parameters(channels, filters, kernel_size)
    return direct - bottleneck_parameters(channels, reduced, filters, kernel_size)


def bottleneck(weights: Sequence[Array], images: Array) -> Array:
    """What a bottleneck with these weights makes of images: 1x1, ReLU, k x k with zero padding, ReLU.

    weights : (1, 1, C, R), (R,), (k, k, R, F) with odd k, and (F,).   images : (N, H, W, C).   Returns (N, H, W, F).
    """
    first, first_bias, second, second_bias = weights
    narrow = forward.relu(forward.conv2d(images, first, first_bias))
    return forward.relu(forward.conv2d(narrow, second, second_bias, padding=len(second) // 2))
