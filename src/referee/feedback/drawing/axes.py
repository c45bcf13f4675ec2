"""A plot's axes: from values to places, round numbers as labels, and lines that break where a value is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from referee.feedback.drawing.svg import TINY, element, fixed, line, text

_DOTS = 40  # points up to which each has a dot
_TINIEST = 1e-300


class Span(NamedTuple):
    """A range of values along an axis that is `size` long; upward for a negative size."""

    low: float
    high: float
    start: float
    size: float

    def place(self, value: float) -> float:
        """Where a value stands; ends of the range for what is beyond it."""
        half = self.high / 2 - self.low / 2  # the range itself may be more than a float can hold
        share = (value / 2 - self.low / 2) / half if half > 0 else 0.5
        return self.start + self.size * min(max(share, 0.0), 1.0)


class Frame(NamedTuple):
    """Two axes, x to the right and y upward."""

    x: Span
    y: Span

    def points(self, values: Sequence[float | None], step: float, last: float) -> list[tuple[float, float] | None]:
        """Where the values stand, one every `step` from `x.low` on, the last one at `last`."""
        ends = len(values) - 1
        xs = (last if i == ends else min(self.x.low + i * step, last) for i in range(len(values)))
        return [
            None if value is None else (self.x.place(x), self.y.place(value))
            for x, value in zip(xs, values, strict=True)
        ]


def padded(values: Iterable[float | None]) -> tuple[float, float]:
    """The range of some values with a little room on both sides; 0 to 1 where there is none."""
    finite = [value for value in values if value is not None]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    room = 0.05 * (high / 2 - low / 2) * 2 if high > low else max(abs(high) * 0.05, 1e-6)
    return _bounded(low - room), _bounded(high + room)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers within a range, as many as there can be up to `most`; the ends where no round number fits.

    >>> ticks(0.12, 0.97), ticks(1, 5)
    ([0.2, 0.4, 0.6, 0.8], [1.0, 2.0, 3.0, 4.0, 5.0])
    """
    rough = high / most - low / most if high > low else 0.0
    if not _TINIEST < rough < 1 / _TINIEST:
        return [low, high] if high > low else [low]
    power = 10.0 ** (math.floor(math.log10(rough)) - 1)
    steps = (factor * power for factor in (10, 20, 50, 100, 200))
    found = next((inside for step in steps if len(inside := _multiples(step, low, high)) <= most), [])
    return found or [low, high]


def _multiples(step: float, low: float, high: float) -> list[float]:
    """The multiples of a step within a range; none where they cannot be told apart."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if max(abs(first), abs(last)) > 2**40:
        return []
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def axes(frame: Frame, across: Sequence[float], up: Sequence[float], name: str = "") -> Markup:
    """The lines of two axes with their labels; `name` stands below the horizontal one."""
    (left, width), (bottom, height) = frame.x[2:], frame.y[2:]
    parts = [line([(left, bottom + height), (left, bottom), (left + width, bottom)], width=1)]
    parts += [text(fixed(value), frame.x.place(value), bottom + 13, anchor="middle", size=TINY) for value in across]
    for value in up:
        parts.append(text(fixed(value), left - 4, frame.y.place(value) + 3.5, anchor="end", size=TINY))
        parts.append(line([(left, frame.y.place(value)), (left + width, frame.y.place(value))], width=0.2))
    parts.append(text(name, left + width / 2, bottom + 27, anchor="middle", size=TINY) if name else Markup(""))
    return Markup("").join(parts)


def trace(points: Sequence[tuple[float, float] | None], stroke: str, dash: str = "") -> Markup:
    """A line through points, broken where one is missing, with a dot on each where they are few or stand alone."""
    pieces = list(_pieces(points))
    parts = [line(piece, dash=dash, stroke=stroke, width=1.8) for piece in pieces if len(piece) > 1]
    few = len(points) <= _DOTS
    parts += [
        element("circle", cx=x, cy=y, r=2.2, fill=stroke)
        for piece in pieces
        if few or len(piece) == 1
        for x, y in piece
    ]
    return Markup("").join(parts)


def sample(name: str, x: float, y: float, stroke: str, dash: str = "") -> Markup:
    """A legend's entry: a piece of the line, and its name."""
    return line([(x, y - 4), (x + 24, y - 4)], dash=dash, stroke=stroke, width=1.8) + text(name, x + 29, y, size=TINY)


def _pieces(points: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    piece: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point is not None:
            piece.append(point)
        elif piece:
            yield piece
            piece = []


def _bounded(value: float) -> float:
    return min(max(value, -1.7e308), 1.7e308)
