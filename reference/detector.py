"""A kernel as a detector: its response to a patch, the correlation of the two, and the place where it is largest.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the slides "One kernel or filter searches for
specific local feature" (the curve detector; 6600 and 0), which end with "convolution can be understood as
correlation". The correlation is Pearson's.

Everything computes in float64, whatever comes in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Grid: TypeAlias = npt.NDArray[np.float64]
Score: TypeAlias = Callable[[Grid, Grid], float]


def response(patch: npt.ArrayLike, kernel: npt.ArrayLike) -> float:
    """The sum of the products of the numbers that lie on each other: a convolution at one place.

    patch, kernel : (h, w).
    """
    return float(np.sum(_grid(patch) * _grid(kernel)))


def correlation(patch: npt.ArrayLike, kernel: npt.ArrayLike) -> float:
    """Pearson's correlation of a patch and a kernel, both (h, w): from -1 to 1, and 0 where one of them is constant."""
    x, k = centred(patch), centred(kernel)
    variation = np.sum(x**2) * np.sum(k**2)
    return float(np.sum(x * k) / np.sqrt(variation)) if variation > 0 else 0.0


def find(image: npt.ArrayLike, kernel: npt.ArrayLike, score: Score = correlation) -> tuple[int, int]:
    """(row, column) of the upper left pixel of the patch with the largest score; the first one of several.

    image : (H, W).   kernel : (h, w), not larger.
    score : what is compared; with `response` the search ends at the brightest place, a misconception.
    """
    pixels, numbers = _grid(image), _grid(kernel)
    height, width = numbers.shape
    places = [(r, c) for r in range(pixels.shape[0] - height + 1) for c in range(pixels.shape[1] - width + 1)]
    return max(places, key=lambda place: score(pixels[place[0] :, place[1] :][:height, :width], numbers))


def centred(values: npt.ArrayLike) -> Grid:
    """The values minus their mean; exactly zeros where all of them are the same."""
    grid = _grid(values)
    return grid - np.mean(grid) if np.ptp(grid) > 0 else np.zeros_like(grid)


def cosine(patch: npt.ArrayLike, kernel: npt.ArrayLike) -> float:
    """A correlation without taking the means away: a misconception."""
    size = np.sqrt(response(patch, patch) * response(kernel, kernel))
    return float(response(patch, kernel) / size) if size > 0 else 0.0


def covariance(patch: npt.ArrayLike, kernel: npt.ArrayLike) -> float:
    """The mean product of the centred numbers, not divided by how much they vary: a misconception."""
    return float(np.mean(centred(patch) * centred(kernel)))


def _grid(values: npt.ArrayLike) -> Grid:
    return np.asarray(values, dtype=np.float64)
