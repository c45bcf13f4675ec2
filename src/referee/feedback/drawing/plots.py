"""Plots: a series beside the expected one, and a training's learning curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from markupsafe import Markup

from referee.feedback.drawing.axes import Frame, Span, axes, padded, sample, ticks, trace
from referee.feedback.drawing.colours import REFERENCE, YOURS
from referee.feedback.drawing.svg import INK, SMALL, TINY, Drawn, area, beside, element, fixed, length, line, text
from referee.pictures import Curves, Heat, numbers

DASH = "6 3"
_DOTTED = "2 3"
_WIDTH, _HEIGHT = 312, 178  # of one panel of curves
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 36, 32  # margins
Row: TypeAlias = Sequence[float | None]


def draw_series(heat: Heat) -> Drawn:
    """A series over its index, with the expected one and rings around what is wrong as far as the record holds them."""
    actual, expected = numbers(heat.actual[0]), numbers(heat.expected[0]) if heat.expected else ()
    first, step = heat.place[heat.axes[-1]], heat.step[1]
    last = first + step * (len(actual) - 1)
    frame = _frame(padded([*actual, *expected]), (first, last), 560)
    points = frame.points(actual, step, last)
    wrong = [mark == "#" for mark in heat.wrong[0]] if heat.wrong else [False] * len(actual)
    rings = [_ring(*point) for point, off in zip(points, wrong, strict=True) if off and point is not None]
    parts = [axes(frame, _whole(first, last), ticks(*frame.y[:2]), "index" if step == 1 else f"index, means of {step}")]
    parts += [trace(points, YOURS), sample("yours", _LEFT, 12, YOURS)]
    if expected:  # on top, for its dashes let the other line show
        dashed = trace(frame.points(expected, step, last), REFERENCE, DASH)
        parts += [dashed, sample("expected", 130, 12, REFERENCE, DASH)]
    parts += [*rings, *([_ring_key(230)] if rings else [])]
    if missing := sum(value is None for value in actual):
        parts.append(text(f"{missing} of yours not finite: gaps in the line", 300, 12, size=TINY))
    return Drawn(Markup("").join(parts), 560, _HEIGHT)


def draw_curves(curves: Curves) -> Drawn:
    """A panel for each measure, with training and validation in it; the gap between the losses is shaded."""
    return beside([_panel(curves, group) for group in _groups(curves)], 16, 640)


class _Group(NamedTuple):
    """The series of one measure: of the training and of the validation; either may be empty."""

    name: str
    training: Row
    validation: Row


def _groups(curves: Curves) -> Iterator[_Group]:
    """The measures, losses first."""

    def measure(name: str) -> tuple[bool, str]:
        return not name.removeprefix("val_").endswith("loss"), name.removeprefix("val_")

    for (_, name), names in groupby(sorted(curves.series, key=measure), measure):
        held = {each: numbers(curves.series[each]) for each in names}
        yield _Group(name, held.get(name, ()), held.get(f"val_{name}", ()))


def _panel(curves: Curves, group: _Group) -> Drawn:
    last = max(curves.epochs, 1)
    frame = _frame(padded([*group.training, *group.validation]), (1, last), _WIDTH)
    training = frame.points(group.training, curves.step, last)
    validation = frame.points(group.validation, curves.step, last)
    parts = [text(group.name, 0, SMALL), axes(frame, _whole(1, last), ticks(*frame.y[:2], 4), "epoch")]
    pairs = [(a, b) for a, b in zip(training, validation, strict=False) if a and b]
    if group.name == "loss" and len(pairs) > 1:
        parts.append(area([*(a for a, _ in pairs), *(b for _, b in reversed(pairs))], 0.13))
    if group.name == "loss" and curves.best is not None and validation:
        parts += _lowest(frame, curves.best)
    legend = _LEFT
    for name, points, dash in (("training", training, ""), ("validation", validation, DASH)):
        if points:
            stroke = REFERENCE if dash else YOURS
            parts += [trace(points, stroke, dash), sample(name, legend, 28, stroke, dash)]
            legend += 88
    if group.name == "loss" and curves.gap is not None and pairs:
        parts.append(text(f"gap {fixed(curves.gap)}", _WIDTH - _RIGHT, 28, anchor="end", size=TINY))
    return Drawn(Markup("").join(parts), _WIDTH, _HEIGHT)


def _lowest(frame: Frame, epoch: int) -> list[Markup]:
    """A mark at the epoch with the lowest validation loss."""
    x, words = frame.x.place(epoch), f"lowest validation loss: epoch {epoch}"
    start = min(max(x - length(words, TINY) / 2, _LEFT), max(_WIDTH - length(words, TINY), _LEFT))
    top = frame.y.start + frame.y.size
    return [line([(x, frame.y.start), (x, top)], dash=_DOTTED), text(words, start, 12, size=TINY)]


def _frame(values: tuple[float, float], indices: tuple[float, float], width: float) -> Frame:
    across = Span(indices[0], indices[1], _LEFT, width - _LEFT - _RIGHT)
    return Frame(across, Span(*values, _HEIGHT - _BOTTOM, -(_HEIGHT - _BOTTOM - _TOP)))


def _whole(first: int, last: int) -> list[float]:
    """Whole numbers to label an axis with, the ends among them."""
    inner = [value for value in ticks(first, last) if value == int(value)]
    room = (last - first) / 8
    return [
        first,
        *(value for value in inner if room < value - first and room < last - value),
        *([last] * (last > first)),
    ]


def _ring_key(x: float) -> Markup:
    return _ring(x, 8) + text("wrong", x + 10, 12, size=TINY)


def _ring(x: float, y: float) -> Markup:
    return element("circle", cx=x, cy=y, r=5, fill="none", stroke=INK, stroke_width=1.3)
