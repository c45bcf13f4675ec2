"""Pictures of what a check found: the part of two arrays that is worth looking at, cut to a size that a page can show.

Arrays from students are of any shape and hold any number; nothing here raises for them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from referee.answers.interface import Array, Value
from referee.calibration import Band
from referee.checks.compare import Difference, Kind, as_array, wrong_cells
from referee.checks.thresholds import Accuracy
from referee.errors import GraderError
from referee.pictures import FIELD_CELLS, FIELD_COLUMNS, FIELD_ROWS, SIDE, Field, Heat, Level, mask, written
from referee.report import clip

_SHORTEST = 6  # values of a series that is worth a picture; fewer are read at a glance
_TITLE = 200
_FAR = 1024  # values along a side that are looked at
_BLOCK = 8  # values along a side of a block: more of them in a mean would hide what is wrong
_ASPECT = 4  # of an image; what is longer is a table of unrelated rows, of which a mean says nothing


def heat(title: str, actual: Value, expected: Value, difference: Difference) -> Heat | None:
    """Two arrays of one shape where they differ most, as two maps or two series; None for what is neither.

    The axes that a map shows are those of an image: the last two, or those before the channels. All others stand at the
    worst value. What is larger than 32x32 is cut down: to a window that holds all wrong values, where there is one;
    else an image, or a series, to means of blocks; else (a batch of rows, or more than 256 values along a side) to a
    window around the worst value.
    """
    if difference.kind is not Kind.VALUES or difference.tolerance is None:
        return None
    for step in difference.path:
        actual, expected = actual[step], expected[step]  # type: ignore[index] # compare found the path
    a, e = as_array(actual), as_array(expected)
    axes = () if a is None else _axes(a.shape)
    if a is None or e is None or not axes or "c" in a.dtype.kind + e.dtype.kind:
        return None
    where, near = difference.where, _near(difference.where, axes, a.shape)
    a, e = (np.atleast_2d(side[near]) for side in (a, e))
    wrong, _ = wrong_cells(a, e, difference.tolerance)
    starts = [0 if isinstance(part, int) else part.start for part in near]
    worst = [where[axis] - starts[axis] for axis in axes]
    view = _view(wrong, (worst[0] if len(worst) > 1 else 0, worst[-1]))
    corner = view.corner[-len(axes) :]
    place = (starts[axis] + corner[axes.index(axis)] if axis in axes else where[axis] for axis in range(len(where)))
    return Heat(
        title=clip(title, _TITLE),
        shape=difference.expected_shape,
        axes=axes,
        place=tuple(place),
        step=view.step,
        actual=view.rows(a),
        expected=view.rows(e),
        wrong=mask(view.any(wrong)),
    )


def field_picture(title: str, actual: Value, expected: Value) -> Field:
    """Which cells of an input an output depends on, and on which it should.

    actual, expected : truth values of one shape, (T,) or (H, W), of an input with at least one cell.
    Raises `GraderError` for anything else: both come from the grader's own measurement.
    """
    sides = [np.asarray(side) for side in (actual, expected)]
    if sides[0].shape != sides[1].shape or sides[0].ndim not in (1, 2) or not sides[0].size:
        raise GraderError("two masks of one shape, (T,) or (H, W)", " and ".join(str(side.shape) for side in sides))
    rows, columns = np.atleast_2d(sides[0]).shape
    most = FIELD_COLUMNS if rows == 1 else FIELD_CELLS // FIELD_ROWS
    view = _View((0, 0), (rows, columns), (math.ceil(rows / FIELD_ROWS), math.ceil(columns / most)))
    masks = [mask(view.any(np.atleast_2d(side).astype(bool))) for side in sides]
    return Field(title=clip(title, _TITLE), shape=sides[0].shape, step=view.step, actual=masks[0], expected=masks[1])


def level(title: str, found: Accuracy, floor: float, band: Band | None) -> Level:
    """An accuracy on the band of the reference, against its floor."""
    return Level(
        title=clip(title, _TITLE),
        share=found.share,
        error=found.standard_error,
        total=found.total,
        lowest=band.lowest if band else None,
        mean=band.mean if band else None,
        highest=band.highest if band else None,
        floor=floor,
    )


def _near(where: tuple[int, ...], axes: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int | slice, ...]:
    """An index for what is looked at: along the shown axes what is near a place, so that huge arrays take no more room."""
    starts = [max(0, min(place - _FAR // 2, size - _FAR)) for place, size in zip(where, shape, strict=True)]
    return tuple(
        slice(start, min(start + _FAR, shape[axis])) if axis in axes else where[axis]
        for axis, start in enumerate(starts)
    )


class _View(NamedTuple):
    """A part of a plane, from a corner on, and how many of its values along each axis are one."""

    corner: tuple[int, int]
    size: tuple[int, int]
    step: tuple[int, int]

    def rows(self, plane: Array) -> tuple[str, ...]:
        """The means of the blocks as rows; that of a block with NaN or infinity in it is left out."""
        with np.errstate(all="ignore"):
            blocks = self._blocks(plane.astype(np.float64), np.add)
            counts = self._blocks(np.ones(plane.shape), np.add)
            return tuple(written(row) for row in (blocks / counts).tolist())

    def any(self, plane: Array) -> Array:
        """Whether any value of a block is true."""
        return self._blocks(plane, np.logical_or)

    def _blocks(self, plane: Array, join: np.ufunc) -> Array:
        part = plane[tuple(slice(start, start + size) for start, size in zip(self.corner, self.size, strict=True))]
        for axis, step in enumerate(self.step):
            part = join.reduceat(part, np.arange(0, part.shape[axis], step), axis=axis)
        return part


def _view(wrong: Array, worst: tuple[int, int]) -> _View:
    """All of a plane where it is small; else a window or blocks, see `heat`."""
    shape = (wrong.shape[0], wrong.shape[1])
    lines = [np.flatnonzero(wrong.any(axis=1 - axis)) for axis in (0, 1)]
    spans = [(int(line[0]), int(line[-1]) + 1) for line in lines]
    close = all(end - start <= SIDE for start, end in spans)
    image = max(shape) <= _BLOCK * SIDE and (shape[0] == 1 or max(shape) <= _ASPECT * min(shape))
    if image and not close:
        return _View((0, 0), shape, (math.ceil(shape[0] / SIDE), math.ceil(shape[1] / SIDE)))
    middles = [(start + end) // 2 for start, end in spans] if close else worst
    corner = [max(0, min(middle - SIDE // 2, whole - SIDE)) for middle, whole in zip(middles, shape, strict=True)]
    return _View((corner[0], corner[1]), (min(shape[0], SIDE), min(shape[1], SIDE)), (1, 1))


def _axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The two axes of the images in an array: the last ones, or the ones before the channels; one axis for a series.

    >>> _axes((8, 28, 28)), _axes((8, 28, 28, 16)), _axes((3, 3, 1, 8)), _axes((1, 40, 1)), _axes((2, 1))
    ((1, 2), (1, 2), (0, 1), (1,), ())
    """
    pairs = [(axis, axis + 1) for axis in range(len(shape) - 1) if min(shape[axis : axis + 2]) > 1]
    near = [pair for pair in pairs if pair[0] >= len(shape) - 3] or pairs[-1:]
    if near:
        return max(near, key=lambda pair: (min(_sides(shape, pair)), -abs(np.subtract(*_sides(shape, pair))), pair))
    longest = max(range(len(shape)), key=lambda axis: shape[axis], default=0)
    return (longest,) if shape and shape[longest] >= _SHORTEST else ()


def _sides(shape: tuple[int, ...], pair: tuple[int, int]) -> tuple[int, int]:
    return shape[pair[0]], shape[pair[1]]
