"""Convolution, ReLU and max-pooling of one channel, as week 5 defines them.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the slides "Convolutional neural networks" with
the 6x6 image and the 3x3 filter. A *convolution* is the deep-learning one (cross-correlation): the kernel is not
flipped.

Everything computes in float64, whatever comes in: uint8 pixels must not wrap around at 255.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Map: TypeAlias = npt.NDArray[np.float64]
Pads: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
Padding: TypeAlias = Literal["valid", "same"] | int | Pads


def conv2d(image: npt.ArrayLike, kernel: npt.ArrayLike, padding: Padding = "valid") -> Map:
    """Slide the kernel over the image; at each place, multiply the numbers that lie on each other and add them up.

    image : (H, W).   kernel : (h, w).
    padding : how many zeros surround the image first; "valid" none, "same" as many as keep the shape (an even
        kernel gets the odd one out below and on the right), an int that many on every side, or
        ((above, below), (left, right)).

    Returns (H + above + below - h + 1, W + left + right - w + 1), float64.
    """
    kernel = np.asarray(kernel, dtype=np.float64)
    padded = np.pad(np.asarray(image, dtype=np.float64), pads(padding, kernel.shape))
    height, width = (n - k + 1 for n, k in zip(padded.shape, kernel.shape, strict=True))
    result = np.empty((height, width))
    for row in range(height):
        for column in range(width):
            patch = padded[row : row + kernel.shape[0], column : column + kernel.shape[1]]
            result[row, column] = np.sum(patch * kernel)
    return result


def pads(padding: Padding, kernel_shape: tuple[int, ...]) -> Pads:
    """How many zeros go ((above, below), (left, right)) of an image for this padding and kernel."""
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        height, width = kernel_shape
        return ((height - 1) // 2, height // 2), ((width - 1) // 2, width // 2)
    if isinstance(padding, int):
        return (padding, padding), (padding, padding)
    assert not isinstance(padding, str), f"padding is 'valid', 'same', an int or two pairs, not {padding!r}"
    return padding


def relu(values: npt.ArrayLike) -> Map:
    """The positive part: negative numbers become 0. Any shape, float64."""
    return np.maximum(np.asarray(values, dtype=np.float64), 0.0)


def max_pool2d(values: npt.ArrayLike, size: int = 2) -> Map:
    """The largest number in each size x size window; windows do not overlap, and an incomplete one is left out.

    values : (H, W).   Returns (H // size, W // size), float64.
    """
    return np.asarray(np.max(_pool2d(values, size), axis=(1, 3)))


def flipped_conv2d(image: npt.ArrayLike, kernel: npt.ArrayLike, padding: Padding = "valid") -> Map:
    """The mathematician's convolution: the kernel is turned by 180 degrees first. A common misconception here."""
    return conv2d(image, np.asarray(kernel)[::-1, ::-1], padding)


def average_pool2d(values: npt.ArrayLike, size: int = 2) -> Map:
    """The mean of each window instead of its maximum: a misconception about max-pooling."""
    return np.asarray(np.mean(_pool2d(values, size), axis=(1, 3)))


def wrapped(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """What is left of values that were squeezed into uint8: the remainder modulo 256."""
    return np.asarray(np.mod(np.floor(values), 256), dtype=np.uint8)


def _pool2d(values: npt.ArrayLike, size: int) -> Map:
    """The complete windows of `values`, as (rows of windows, size, columns of windows, size)."""
    array: Map = np.asarray(values, dtype=np.float64)
    height, width = (n // size for n in array.shape)
    return array[: height * size, : width * size].reshape(height, size, width, size)
