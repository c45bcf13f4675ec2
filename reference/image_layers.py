"""Convolution and pooling of whole batches of images with channels, as layers of a network compute them.

Images are (N, H, W, C), kernels (height, width, channels in, filters), as in Keras. Everything computes in float64.
`convolution` has the same for one channel, with loops that can be followed with a finger.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Images: TypeAlias = npt.NDArray[np.float64]
Pads: TypeAlias = tuple[int, int]
Padding: TypeAlias = Literal["same"] | int


def convolve(
    images: npt.ArrayLike, kernel: npt.ArrayLike, bias: npt.ArrayLike = 0.0, stride: int = 1, padding: Padding = "same"
) -> Images:
    """Each filter's weighted sum over its window and all channels, plus its bias; the kernel is not flipped.

    images : (N, H, W, C).   kernel : (h, w, C, F).   bias : (F,), or one number for all.
    padding : "same" as Keras does it (see `same_pads`), or a number of zeros for every side, as PyTorch does it.

    Returns (N, rows, columns, F).
    """
    kernel = np.asarray(kernel, dtype=np.float64)
    rows = windows(images, kernel.shape[:2], stride, padding, 0.0)
    return np.asarray(np.einsum("nrcijk,ijkf->nrcf", rows, kernel, optimize=True) + np.asarray(bias))


def max_pool(images: npt.ArrayLike, size: int, stride: int = 1, padding: Padding = "same") -> Images:
    """The largest number of each window, channel by channel; nothing beyond the border takes part. (N, H, W, C)."""
    return np.asarray(windows(images, (size, size), stride, padding, -np.inf).max(axis=(3, 4)))


def average_pool(images: npt.ArrayLike, size: int, stride: int = 1, padding: Padding = "same") -> Images:
    """The mean of what of each window lies inside the image: a misconception about max-pooling. (N, H, W, C)."""
    return np.asarray(np.nanmean(windows(images, (size, size), stride, padding, np.nan), axis=(3, 4)))


def windows(
    images: npt.ArrayLike, size: tuple[int, ...], stride: int, padding: Padding, beyond: float
) -> npt.NDArray[np.float64]:
    """Every window of the padded images: (N, rows, columns, h, w, C). `beyond` stands where the image has ended."""
    array = np.asarray(images, dtype=np.float64)
    if padding == "same":
        around = [same_pads(length, extent, stride) for length, extent in zip(array.shape[1:3], size, strict=True)]
    else:
        around = [(padding, padding)] * 2
    padded = np.pad(array, ((0, 0), *around, (0, 0)), constant_values=beyond)
    views = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(1, 2))[:, ::stride, ::stride]
    return np.moveaxis(views, 3, 5)


def same_pads(length: int, size: int, stride: int = 1) -> Pads:
    """How many zeros Keras puts (before, behind) one axis, so that ceil(length / stride) windows fit.

    The odd one goes behind. With stride 1 and an odd size it is the same number on both sides.
    """
    places = -(-length // stride)
    total = max((places - 1) * stride + size - length, 0)
    return total // 2, total - total // 2


def relu(values: npt.ArrayLike) -> Images:
    """The positive part. Any shape."""
    return np.maximum(np.asarray(values, dtype=np.float64), 0.0)
