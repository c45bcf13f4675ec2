"""What the layers of a convolutional network compute, on batches of images with any number of channels.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II". A *convolution* is the deep-learning one: the
kernel is not flipped.

Images are (N, H, W, C), kernels (h, w, C, filters); everything computes in float64. One number for `stride`, `padding`
or `dilation` holds for both axes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]


def conv2d(
    images: Array,
    kernel: Array,
    bias: Array | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Array:
    """Every filter's weighted sum of what it sees, at every place where all of it fits.

    images : (N, H, W, C).   kernel : (h, w, C, filters).   bias : (filters,).
    padding : zeros on each of the four sides.   Returns (N, H', W', filters), float64, with
    H' = floor((H + 2 padding - dilation (h - 1) - 1) / stride) + 1.
    """
    padded = _padded(images, padding, 0.0)
    kernel = np.asarray(kernel, dtype=np.float64)
    result: Array = np.zeros(())
    for row, column, seen in _shifts(padded, kernel.shape[:2], stride, dilation):
        result = result + seen @ kernel[row, column]
    return result if bias is None else result + bias


def max_pool2d(images: Array, size: int, stride: int | None = None, padding: int = 0) -> Array:
    """The largest number of each window and channel; what is padded never wins. (N, H, W, C) -> (N, H', W', C)."""
    padded = _padded(images, padding, -np.inf)
    return np.asarray(np.max([seen for _, _, seen in _shifts(padded, (size, size), stride or size, 1)], axis=0))


def average_pool2d(images: Array, size: int, stride: int | None = None) -> Array:
    """The mean of each window and channel. (N, H, W, C) -> (N, H', W', C)."""
    padded = _padded(images, 0, 0.0)
    return np.asarray(np.mean([seen for _, _, seen in _shifts(padded, (size, size), stride or size, 1)], axis=0))


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """How many places a window finds along an axis of this size; less than 1 where it does not fit."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def relu(values: Array) -> Array:
    """The positive part."""
    return np.maximum(values, 0.0)


def _padded(images: Array, padding: int, value: float) -> Array:
    sides = ((0, 0), (padding, padding), (padding, padding), (0, 0))
    return np.pad(np.asarray(images, dtype=np.float64), sides, constant_values=value)


def _shifts(images: Array, size: tuple[int, ...], stride: int, dilation: int) -> Iterator[tuple[int, int, Array]]:
    """For each cell (row, column) of a window: what lies under it at all of the window's places, (N, H', W', C)."""
    rows, columns = (
        output_size(whole, part, stride, 0, dilation) for whole, part in zip(images.shape[1:3], size, strict=True)
    )
    assert min(rows, columns) > 0, f"a window of {size}, dilated by {dilation}, does not fit into {images.shape}"
    for row in range(size[0]):
        for column in range(size[1]):
            top, left = row * dilation, column * dilation
            yield (
                row,
                column,
                images[
                    :, top : top + (rows - 1) * stride + 1 : stride, left : left + (columns - 1) * stride + 1 : stride
                ],
            )
