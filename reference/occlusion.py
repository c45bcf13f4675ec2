"""Occlusion: cover a part of the image, and see how much the score of a class falls.

Source: Zeiler, Fergus 2013, "Visualizing and Understanding Convolutional Networks", section 4.2 and figure 7: a grey
square at each place of a grid, and the probability of the correct class as a function of the square's place.

Images are (H, W, C). A `score` gives one number for each of several images: (N, H, W, C) -> (N,).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from reference.small_cnn import Array

Score: TypeAlias = Callable[[Array], Array]


def positions(height: int, width: int, mask: int, stride: int) -> tuple[int, int]:
    """In how many rows and columns a square of `mask` pixels can stand, every `stride` pixels, all of it inside."""
    rows, columns = (len(range(0, size - mask + 1, stride)) for size in (height, width))
    return rows, columns


def occlude(image: Array, top: int, left: int, mask: int, grey: float = 0.5) -> Array:
    """A copy in which the square with the upper left corner (top, left) is `grey` in all channels."""
    covered = np.array(image)
    covered[top : top + mask, left : left + mask] = grey
    return covered


def occlusion_map(score: Score, image: Array, mask: int, stride: int, grey: float = 0.5) -> Array:
    """The score of the image minus the score with the square in each position: (rows, columns).

    Positive where the covered part speaks for the class, negative where it speaks against it.
    """
    covered = [occlude(image, top, left, mask, grey) for top, left in corners(image, mask, stride)]
    drops = score(image[np.newaxis])[0] - score(np.stack(covered))
    return np.asarray(drops.reshape(positions(image.shape[0], image.shape[1], mask, stride)))


def corners(image: Array, mask: int, stride: int) -> Iterator[tuple[int, int]]:
    """The upper left corners (top, left) of all positions, row by row."""
    rows, columns = positions(image.shape[0], image.shape[1], mask, stride)
    for row, column in np.ndindex(rows, columns):
        yield row * stride, column * stride


def largest_drop(drops: Array, stride: int) -> tuple[int, int]:
    """The upper left pixel (top, left) of the square that costs most, for a map (rows, columns)."""
    row, column = np.unravel_index(np.argmax(drops), drops.shape)
    return int(row) * stride, int(column) * stride


def piled_up(score: Score, image: Array, mask: int, stride: int, grey: float = 0.5) -> Array:
    """The map of somebody who never takes a mask away again: the squares of all earlier positions stay."""
    covered, drops = np.array(image), []
    for top, left in corners(image, mask, stride):
        covered = occlude(covered, top, left, mask, grey)
        drops.append(score(image[np.newaxis])[0] - score(covered[np.newaxis])[0])
    return np.reshape(drops, positions(image.shape[0], image.shape[1], mask, stride))
