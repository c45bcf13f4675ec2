"""The cells of an input that an output depends on: filled as expected, striped where not, framed where missing."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from referee.feedback.drawing import cells
from referee.feedback.drawing.colours import REFERENCE, YOURS
from referee.feedback.drawing.svg import INK, SMALL, TINY, Drawn, at, below, beside, element, length, text
from referee.pictures import Field

_WIDTH, _HIGH = 600, 300
_LARGEST = 20  # of a cell


def draw_field(field: Field) -> Drawn:
    """The input as a row or a grid; only what was found where the record does not hold what is expected."""
    actual = [[mark == "#" for mark in row] for row in field.actual]
    expected = [[mark == "#" for mark in row] for row in field.expected] or actual
    rows, columns = len(actual), len(actual[0])
    side = min(_LARGEST, _WIDTH / columns, _HIGH / rows)

    def where(test: Callable[[bool, bool], bool]) -> list[list[bool]]:
        pairs = (zip(*lines, strict=True) for lines in zip(actual, expected, strict=True))
        return [[test(seen, wanted) for seen, wanted in pair] for pair in pairs]

    right, surplus = where(lambda seen, wanted: seen and wanted), where(lambda seen, wanted: seen and not wanted)
    missing = where(lambda seen, wanted: wanted and not seen)
    kinds = (
        ("found", right, _filled),
        ("found, not expected", surplus, _striped),
        ("expected, not found", missing, _framed),
    )
    shown = [(name, paint(grid), paint) for name, grid, paint in kinds if any(map(any, grid))]
    grid = Markup("").join([*(part for _, part, _ in shown), _lines(rows, columns)])
    body = Drawn(at(grid, 1, 1, side) + _ends(field, side, rows, columns), columns * side + 30, rows * side + 18)
    keys = [_key(name, paint) for name, _, paint in shown] or [Drawn(text("nothing is found", 0, SMALL), 90, 16)]
    return below([body, beside(keys, 20, _WIDTH)], 6)


def _filled(grid: cells.Grid[bool]) -> Markup:
    return cells.filled(grid, lambda seen: YOURS if seen else "")


def _striped(grid: cells.Grid[bool]) -> Markup:
    return cells.striped(grid, REFERENCE)


def _framed(grid: cells.Grid[bool]) -> Markup:
    return cells.outlined(grid, (INK, 2.5), dash="3 3")


def _lines(rows: int, columns: int) -> Markup:
    """The border of the input, and lines between its cells."""
    d = "".join(f"M0 {row}h{columns}" for row in range(rows + 1))
    d += "".join(f"M{column} 0v{rows}" for column in range(columns + 1))
    return element(
        "path", d=d, fill="none", stroke=INK, stroke_width=0.5, vector_effect="non-scaling-stroke", opacity=0.5
    )


def _ends(field: Field, side: float, rows: int, columns: int) -> Markup:
    """The index of the first and of the last column, below them."""
    y, last = rows * side + 13, field.shape[-1] - 1
    first = text("0", side / 2, y, anchor="middle", size=TINY)
    return first + text(str(last), (columns - 0.5) * side, y, anchor="middle", size=TINY) if last else first


def _key(name: str, paint: Callable[[cells.Grid[bool]], Markup]) -> Drawn:
    return Drawn(at(paint([[True]]), 2, 2, 12) + text(name, 20, SMALL), 20 + length(name), 17)
