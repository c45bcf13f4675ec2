"""Two maps beside each other and their difference, as colours, with the numbers where there is room for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from markupsafe import Markup

from referee.feedback.drawing import cells
from referee.feedback.drawing.colours import LEVELS, SIDES, diverging, is_dark, sequential
from referee.feedback.drawing.svg import SMALL, TINY, Anchor, Drawn, at, below, beside, element, fixed, length, text
from referee.pictures import Heat, numbers

Values: TypeAlias = Sequence[Sequence[float | None]]
Paint: TypeAlias = Callable[[float | None], str]
WIDTH = 640
_SIDE = 192  # of a panel without numbers
_NUMBERED = 8  # rows and columns up to which numbers stand in the cells
_HEAD = 18  # room for a panel's heading
_BAR = (120, 10)
_LARGEST = 1.7e308
_PLACES: dict[int, tuple[tuple[float, Anchor], ...]] = {
    2: ((0, "start"), (1, "end")),
    3: ((0, "start"), (0.5, "middle"), (1, "end")),
}


def draw_map(heat: Heat) -> Drawn:
    """A map of at least two rows; the expected one and the difference as far as the record holds them."""
    actual, expected = ([numbers(row) for row in side] for side in (heat.actual, heat.expected))
    low, high = _range([*actual, *expected])
    paint = _sequential(low, high)
    wrong = [[mark == "#" for mark in row] for row in heat.wrong]
    panels = [_panel("yours", actual, paint, wrong)]
    bars = [_bar("value", [fixed(low), fixed(high)], sequential())]
    if expected:
        difference = _difference(actual, expected)
        most = max((abs(value) for row in difference for value in row if value is not None), default=0.0)
        panels += [
            _panel("expected", expected, paint, []),
            _panel("yours minus expected", difference, _diverging(most), []),
        ]
        bars.append(_bar("difference", [fixed(-most), "0", fixed(most)], diverging()))
    legend = [*bars, *([_wrong_key()] if any(map(any, wrong)) else []), *([_odd_key()] if _odd(panels) else [])]
    return below([beside(panels, 16, WIDTH), beside(legend, 20, WIDTH)], 10)


def _panel(heading: str, values: Values, paint: Paint, wrong: cells.Grid[bool]) -> Drawn:
    rows, columns = len(values), len(values[0])
    written = [["" if value is None else fixed(value) for value in row] for row in values]
    numbered = max(rows, columns) <= _NUMBERED
    widest = max(len(word) for row in written for word in row)
    room = WIDTH / columns if columns > 3 * rows else _SIDE / max(rows, columns)  # wide maps stand one below the other
    side = max(24.0, widest * TINY * 0.62 + 6) if numbered else min(room, 24.0)
    high = 24.0 if numbered else side
    grid = Markup("").join([
        cells.filled(values, paint),
        cells.crossed([[value is None for value in row] for row in values]),
        cells.outlined(wrong, ("#fff", 4), ("#000", 2)) if wrong else "",
    ])  # fmt: skip
    scaled = element("g", grid, transform=f"translate(0 {_HEAD}) scale({side:.3f} {high:.3f})")
    parts = [text(heading, 0, SMALL), scaled]
    if numbered:
        parts += _numbers(values, written, paint, (side, high))
    return Drawn(Markup("").join(parts), max(columns * side, length(heading)), _HEAD + rows * high)


def _numbers(values: Values, written: Sequence[Sequence[str]], paint: Paint, size: tuple[float, float]) -> list[Markup]:
    """The numbers of all cells, in white on dark colours and in black on light ones."""
    kinds: dict[str, list[Markup]] = {"#fff": [], "#000": []}
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            if value is not None:
                place = (j + 0.5) * size[0], _HEAD + (i + 0.5) * size[1] + TINY * 0.35
                ink = "#fff" if is_dark(paint(value)) else "#000"
                kinds[ink].append(element("text", written[i][j], x=place[0], y=place[1]))
    return [
        element("g", *found, fill=ink, font_size=TINY, text_anchor="middle") for ink, found in kinds.items() if found
    ]


def _bar(name: str, labels: Sequence[str], colours: Sequence[str]) -> Drawn:
    """A legend: the colours from the lowest to the highest, with numbers below."""
    (width, height), start = _BAR, length(name) + 6
    strip = element(
        "g",
        cells.filled([range(len(colours))], colours.__getitem__),
        transform=f"translate({start:.1f} 2) scale({width / len(colours):.3f} {height})",
    )
    places = _PLACES[len(labels)]
    words = [
        text(label, start + width * x, height + 14, anchor=a, size=TINY)
        for label, (x, a) in zip(labels, places, strict=True)
    ]
    return Drawn(Markup("").join([text(name, 0, SMALL), strip, *words]), start + width, height + 16)


def _wrong_key() -> Drawn:
    sample = at(cells.outlined([[True]], ("#fff", 4), ("#000", 2)), 2, 2, 10)
    return Drawn(Markup("").join([sample, text("wrong", 18, SMALL)]), 18 + length("wrong"), 16)


def _odd_key() -> Drawn:
    words = "not a finite number"
    return Drawn(at(cells.crossed([[True]]), 2, 2, 10) + text(words, 18, SMALL), 18 + length(words), 16)


def _odd(panels: Sequence[Drawn]) -> bool:
    """Whether a panel holds a cross."""
    return any("m0-1l-1 1" in panel.parts for panel in panels)


def _range(values: Values) -> tuple[float, float]:
    finite = [value for row in values for value in row if value is not None]
    return (min(finite), max(finite)) if finite else (0.0, 0.0)


def _difference(actual: Values, expected: Values) -> Values:
    """Yours minus expected, within what a float can hold."""
    pairs = [zip(*rows, strict=True) for rows in zip(actual, expected, strict=True)]
    return [
        [None if a is None or e is None else min(max(a - e, -_LARGEST), _LARGEST) for a, e in pair] for pair in pairs
    ]


def _sequential(low: float, high: float) -> Paint:
    half = high / 2 - low / 2  # of the range, which itself may be more than a float can hold

    def paint(value: float | None) -> str:
        if value is None:
            return ""
        share = (value / 2 - low / 2) / half if half > 0 else 0.5
        return sequential()[min(int(share * LEVELS), LEVELS - 1)]

    return paint


def _diverging(most: float) -> Paint:
    def paint(value: float | None) -> str:
        if value is None:
            return ""
        step = round(value / most * SIDES) if most > 0 else 0
        if step == 0 and value:
            step = 1 if value > 0 else -1  # the middle is for no difference at all
        return diverging()[SIDES + step]

    return paint
