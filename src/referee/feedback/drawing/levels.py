"""An accuracy beside what the reference reaches: a point with its standard error, a band, and the floor."""

from __future__ import annotations

from markupsafe import Markup

from referee.feedback.drawing.axes import Span, ticks
from referee.feedback.drawing.colours import REFERENCE, YOURS
from referee.feedback.drawing.svg import INK, SMALL, TINY, Drawn, element, line, text
from referee.pictures import Level

_LEFT, _RIGHT = 78, 20
_WIDTH = 480
_ROWS = {"reference": 30, "yours": 56}
_AXIS = 74


def draw_level(level: Level) -> Drawn:
    """Rows for the reference (where it was calibrated) and for the student, over one axis in percent."""
    span = _span(level)
    parts = [_axis(span)]
    if level.floor is not None:
        x = span.place(level.floor)
        parts.append(line([(x, 18), (x, _AXIS)], dash="5 3", width=1.4))
        parts.append(text(f"floor {_percent(level.floor)}", *_label(x), size=TINY))
    parts += [_band(level, span), _yours(level, span)]
    return Drawn(Markup("").join(parts), _WIDTH, _AXIS + 16)


def _span(level: Level) -> Span:
    """From a little below the lowest to a little above the highest of all that is shown, within 0 and 1."""
    ends = [level.share - 2 * level.error, level.share + 2 * level.error, level.share]
    ends += [value for value in (level.lowest, level.mean, level.highest, level.floor) if value is not None]
    room = max((max(ends) - min(ends)) * 0.06, 0.01)
    return Span(max(min(ends) - room, 0.0), min(max(ends) + room, 1.0), _LEFT, _WIDTH - _LEFT - _RIGHT)


def _axis(span: Span) -> Markup:
    parts = [line([(span.start, _AXIS), (span.start + span.size, _AXIS)])]
    for value in ticks(span.low, span.high):
        x = span.place(value)
        parts += [line([(x, _AXIS), (x, _AXIS + 3)]), text(_percent(value), x, _AXIS + 14, anchor="middle", size=TINY)]
    return Markup("").join(parts)


def _band(level: Level, span: Span) -> Markup:
    """What the reference reaches: a bar from the lowest to the highest, with a tick at the mean."""
    if level.lowest is None or level.highest is None:
        return Markup("")
    y, left, right = _ROWS["reference"], span.place(level.lowest), span.place(level.highest)
    bar = element("rect", x=min(left, right), y=y - 6, width=max(abs(right - left), 2), height=12, rx=2, fill=REFERENCE)
    mean = Markup("") if level.mean is None else _tick(span.place(level.mean), y)
    return text("reference", 0, y + 4, size=SMALL) + bar + mean


def _tick(x: float, y: float) -> Markup:
    return line([(x, y - 9), (x, y + 9)], stroke=INK, width=2)


def _yours(level: Level, span: Span) -> Markup:
    """The share as a point, with a bar of one standard error on either side."""
    y = _ROWS["yours"]
    left, right = span.place(level.share - level.error), span.place(level.share + level.error)
    bar = [line([(left, y), (right, y)], stroke=YOURS, width=2)]
    bar += [line([(x, y - 5), (x, y + 5)], stroke=YOURS, width=2) for x in (left, right)]
    point = element("circle", cx=span.place(level.share), cy=y, r=4.5, fill=YOURS)
    return text("yours", 0, y + 4, size=SMALL) + Markup("").join(bar) + point


def _label(x: float) -> tuple[float, float]:
    """Where the floor's label starts, so that it ends within the picture."""
    return min(max(x - 28, _LEFT), _WIDTH - 62), 12


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " %"
