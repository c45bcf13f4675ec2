"""Pictures in words: one line each, for a terminal and for those who do not see them; no more than the record holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from referee.feedback.drawing.svg import fixed
from referee.feedback.text import plain
from referee.pictures import Curves, Field, Heat, Level, numbers


def words_of(picture: Heat | Curves | Field | Level) -> str:
    """What there is to see, without the title."""
    if isinstance(picture, Heat):
        return _heat(picture)
    if isinstance(picture, Curves):
        return _curves(picture)
    return _field(picture) if isinstance(picture, Field) else _level(picture)


def _heat(heat: Heat) -> str:
    sides = [("yours", heat.actual), ("expected", heat.expected)]
    ranges = ", ".join(f"{name} {_range(numbers(row) for row in rows)}" for name, rows in sides if rows)
    if not heat.wrong:
        return f"{_part(heat)}; {ranges}"
    wrong, of = "".join(heat.wrong).count("#"), len(heat.wrong) * len(heat.wrong[0])
    return f"{wrong} of {_cells(heat, of)} wrong in {_part(heat)}; {ranges}"


def _cells(heat: Heat, number: int) -> str:
    if heat.step == (1, 1):
        return f"{number} values" if number != 1 else "1 value"
    size = str(heat.step[1]) if len(heat.axes) == 1 else f"{heat.step[0]}x{heat.step[1]}"
    return f"{number} means of {size} values"


def _part(heat: Heat) -> str:
    """Which part of the array it is, as an index would say it."""
    sizes = (len(heat.actual), len(heat.actual[0].split(" ")))[-len(heat.axes) :]
    steps = heat.step[-len(heat.axes) :]
    index = [str(place) for place in heat.place]
    for axis, size, step in zip(heat.axes, sizes, steps, strict=True):
        start = heat.place[axis]
        stop = min(start + size * step, heat.shape[axis])
        index[axis] = ":" if (start, stop) == (0, heat.shape[axis]) else f"{start}:{stop}"
    whole = all(part == ":" for part in index)
    shape = "x".join(map(str, heat.shape)) if len(heat.shape) > 1 else f"{heat.shape[0]} values"
    return shape if whole else f"[{', '.join(index)}] of {shape}"


def _range(rows: Iterable[Sequence[float | None]]) -> str:
    finite = [value for row in rows for value in row if value is not None]
    if not finite:
        return "without a finite number"
    low, high = fixed(min(finite)), fixed(max(finite))
    return low if low == high else f"{low} to {high}"


def _curves(curves: Curves) -> str:
    parts = [f"{curves.epochs} epoch{'s' if curves.epochs != 1 else ''}"]
    ends = ((name, numbers(values)[-1]) for name, values in sorted(curves.series.items()))
    parts.append("at the end " + ", ".join(f"{plain(name)} {'?' if end is None else fixed(end)}" for name, end in ends))
    if curves.gap is not None:
        parts.append(f"gap of the losses {fixed(curves.gap)}")
    if curves.best is not None:
        parts.append(f"lowest validation loss after epoch {curves.best}")
    return "; ".join(parts)


def _field(field: Field) -> str:
    found = "".join(field.actual)
    unit = "cells" if field.step == (1, 1) else f"blocks of {field.step[0]}x{field.step[1]} cells"
    shown = f"{found.count('#')} of {len(found)} {unit}"
    if not field.expected:
        return shown
    pairs = list(zip(found, "".join(field.expected), strict=True))
    surplus, missing = pairs.count(("#", ".")), pairs.count((".", "#"))
    return (
        f"{shown}; {surplus} of them not expected, and {missing} missing"
        if surplus or missing
        else f"{shown}, as expected"
    )


def _level(level: Level) -> str:
    parts = [f"{100 * level.share:.1f} % of {level.total} (standard error {100 * level.error:.1f})"]
    if level.lowest is not None and level.highest is not None:
        parts.append(f"the reference reaches {100 * level.lowest:.1f} to {100 * level.highest:.1f} %")
    if level.floor is not None:
        parts.append(f"at least {100 * level.floor:.1f} % is wanted")
    return "; ".join(parts)
