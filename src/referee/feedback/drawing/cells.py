"""Grids of cells as paths: one path for all cells of a kind, its cells joined to runs, so that a map stays small."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias, TypeVar

from markupsafe import Markup

from referee.feedback.drawing.svg import INK, element

T = TypeVar("T")
Grid: TypeAlias = Sequence[Sequence[T]]


def filled(grid: Grid[T], colour_of: Callable[[T], str]) -> Markup:
    """All cells, each 1 wide and 1 high, in the colour of its value; those whose colour is "" are left out."""
    strokes: dict[str, str] = {}
    for row, start, count, colour in _runs([[colour_of(value) for value in line] for line in grid]):
        strokes[colour] = f"{strokes.get(colour, '')}M{start} {row}.5h{count}"
    strokes.pop("", None)
    paths = (element("path", d=d, stroke=colour) for colour, d in sorted(strokes.items()))
    return element("g", *paths, Markup(""), fill="none", shape_rendering="crispEdges")


def striped(grid: Grid[bool], stroke: str) -> Markup:
    """Stripes over the cells that are true: told from filled ones without colour."""
    runs = [run[:3] for run in _runs(grid) if run[3]]
    d = "".join(f"M{start} {row}.{part}h{count}" for row, start, count in runs for part in ("2", "5", "8"))
    return element("path", d=d, stroke=stroke, stroke_width=0.14, fill="none") if d else Markup("")


def crossed(grid: Grid[bool]) -> Markup:
    """A cross on each cell that is true."""
    places = [(row, column) for row, line in enumerate(grid) for column, value in enumerate(line) if value]
    d = "".join(f"M{column} {row}l1 1m0-1l-1 1" for row, column in places)
    return element("path", d=d, stroke=INK, stroke_width=0.08, fill="none") if d else Markup("")


def outlined(grid: Grid[bool], *strokes: tuple[str, float], dash: str = "") -> Markup:
    """A line around each region of cells that are true, drawn once for each of the strokes (colour, width)."""
    d = "".join(_edges(grid)) + "".join(_edges(list(zip(*grid, strict=True)), upright=True))
    more = {"stroke_dasharray": dash} if dash else {}
    paths = (
        element("path", d=d, stroke=stroke, stroke_width=width, vector_effect="non-scaling-stroke", **more)
        for stroke, width in strokes
    )
    return element("g", *paths, fill="none", stroke_linecap="square") if d else Markup("")


def _edges(grid: Grid[bool], *, upright: bool = False) -> Iterator[str]:
    """The lines between rows where one side is true and the other is not; upright ones for a grid that is turned."""
    nothing = [False] * len(grid[0])
    pairs = zip([nothing, *grid], [*grid, nothing], strict=True)
    between = [[bool(a) != bool(b) for a, b in zip(*pair, strict=True)] for pair in pairs]
    for row, start, count, edge in _runs(between):
        if edge:
            yield f"M{row} {start}v{count}" if upright else f"M{start} {row}h{count}"


def _runs(grid: Grid[T]) -> Iterator[tuple[int, int, int, T]]:
    """The runs of equal neighbours in each row: the row, where the run starts, how long it is, and the value."""
    for row, line in enumerate(grid):
        start = 0
        for value, group in groupby(line):
            count = len(list(group))
            yield row, start, count, value
            start += count
