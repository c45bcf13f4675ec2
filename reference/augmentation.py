"""How a picture was moved, measured from the picture: angle, shift and mirror image, by a straight-line fit.

A picture whose values grow evenly from left to right says of every pixel where it came from, and so does one whose
values grow from top to bottom. Wherever a rotation, a shift or a flip puts such pixels, the two values there are, but
for rounding, x' = a x + b y + c and y' = d x + e y + f: six numbers, found by least squares.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", "Data augmentation in Keras". Coordinates have
their origin in the picture's middle, x to the right and y down, in pixels. Pictures are (N, S, S, 3).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Numbers: TypeAlias = npt.NDArray[np.float64]

DARKEST, STEP = 20.0, 5.0  # of the ramps; 48 pixels stay within 0 to 255


class Moves(NamedTuple):
    """What became of N pictures.

    angle : degrees from -90 to 90, by which each was turned.   mirrored : left and right exchanged.
    upside_down : above and below exchanged, or turned by more than 90 degrees.
    shift : (N, 2), as shares of the side, x and y, for a shift that comes after the turn.
    earlier : (N, 2), the same for a shift that comes before it.
    stretch : the factor between 1 and which a length has changed the most.   misfit : how far from a straight-line
    fit the values are, as a standard deviation in pixels.
    """

    angle: Numbers
    mirrored: npt.NDArray[np.bool_]
    upside_down: npt.NDArray[np.bool_]
    shift: Numbers
    earlier: Numbers
    stretch: Numbers
    misfit: Numbers


def ramps(size: int) -> npt.NDArray[np.uint8]:
    """One picture (S, S, 3): the first colour grows to the right, the second downwards, the third to the left."""
    if not 2 <= size <= 48:
        raise ValueError(f"a size from 2 to 48, not {size}")
    steps = DARKEST + STEP * np.arange(size)
    right, down = np.meshgrid(steps, steps)
    return np.stack([right, down, right[:, ::-1]], axis=-1).astype(np.uint8)


def measure(pictures: Array) -> Moves:
    """What became of pictures that all were `ramps(S)`; only their middle is looked at, where no border shows.

    pictures : (N, S, S, 3), finite numbers.
    """
    size = pictures.shape[1]
    linear, offset, misfit = _fit(np.asarray(pictures, dtype=np.float64))
    mirrored = np.linalg.det(linear) < 0
    # what came from where: a mirror image is one before the turn, so that it is undone on the left
    turn = np.where(mirrored[:, None, None], np.diag([-1.0, 1.0]) @ linear, linear)
    degrees = np.degrees(np.arctan2(turn[:, 0, 1] - turn[:, 1, 0], turn[:, 0, 0] + turn[:, 1, 1]))
    upside_down = np.abs(degrees) > 90
    lengths = np.linalg.svd(linear, compute_uv=False)
    with np.errstate(divide="ignore"):
        stretch = np.maximum(lengths, 1 / lengths).max(axis=1)
    return Moves(
        angle=np.where(upside_down, degrees - np.copysign(180.0, degrees), degrees),
        mirrored=mirrored,
        upside_down=upside_down,
        shift=-np.einsum("nij,nj->ni", np.linalg.pinv(linear), offset) / size,
        earlier=-offset / size,
        stretch=stretch,
        misfit=misfit,
    )


def _fit(pictures: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """For each picture the matrix (N, 2, 2) and offset (N, 2) that lead from a place to where it came from; misfits."""
    size = pictures.shape[1]
    half = (size - 1) / 2
    axis = np.arange(size) - half
    inner = np.abs(axis) <= 0.28 * size
    x, y = np.meshgrid(axis[inner], axis[inner])
    design = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
    middle = pictures[:, inner][:, :, inner].reshape(len(pictures), -1, 3)
    places = (middle - DARKEST) / STEP - half
    places[..., 2] *= -1
    found = np.einsum("kp,npc->nkc", np.linalg.pinv(design), places)
    misfit = np.sqrt(((design @ found - places) ** 2).mean(axis=1).max(axis=-1))
    misfit = np.maximum(
        misfit, np.abs(found[..., 0] - found[..., 2]).max(axis=1)
    )  # the third colour moves with the first
    return found[:, :2, :2].transpose(0, 2, 1), found[:, 2, :2], misfit


def move(pictures: Array, angle: Array, shift: Array, mirrored: Array) -> Numbers:
    """Pictures that are first mirrored, then turned by an angle in degrees, then shifted by shares of their side.

    pictures : (N, S, S, 3).   angle : (N,).   shift : (N, 2).   mirrored : (N,), bool.
    Values between pixels are mixed from the four around them; beyond the border, the border's own value goes on.
    """
    size = pictures.shape[1]
    half = (size - 1) / 2
    axis = np.arange(size) - half
    result = np.empty(pictures.shape, dtype=np.float64)
    for i, picture in enumerate(np.asarray(pictures, dtype=np.float64)):
        across, down = axis[np.newaxis] - shift[i][0] * size, axis[:, np.newaxis] - shift[i][1] * size
        cosine, sine = math.cos(math.radians(angle[i])), math.sin(math.radians(angle[i]))
        x, y = cosine * across + sine * down, cosine * down - sine * across
        x = -x if mirrored[i] else x
        result[i] = _between(picture, x + half, y + half)
    return result


def _between(picture: Numbers, x: Numbers, y: Numbers) -> Numbers:
    """The values at places between pixels, bilinear; places beyond the border count as on it."""
    last = len(picture) - 1
    x, y = np.clip(x, 0, last), np.clip(y, 0, last)
    left, top = np.minimum(x.astype(int), last - 1), np.minimum(y.astype(int), last - 1)
    right, low = (x - left)[..., np.newaxis], (y - top)[..., np.newaxis]
    above = (1 - right) * picture[top, left] + right * picture[top, left + 1]
    below = (1 - right) * picture[top + 1, left] + right * picture[top + 1, left + 1]
    return np.asarray((1 - low) * above + low * below)


def most_in_common(first: Array, second: Array) -> float:
    """The correlation between two series of random numbers, without its sign; 0 where one of them never changes."""
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    spread = first.std() * second.std()
    return abs(float(((first - first.mean()) * (second - second.mean())).mean() / spread)) if spread > 1e-9 else 0.0
