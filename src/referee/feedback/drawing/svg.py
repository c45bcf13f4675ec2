"""The few elements of SVG that pictures are made of: safe by construction, since only this module writes markup.

Every text is made harmless and escaped, every number is finite and short. No script, style, link or id can come up: the
page forbids the first three, and a notebook may hold the same picture twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from markupsafe import Markup

from referee.feedback.text import plain

INK = "currentColor"
SMALL, TINY = 12, 10  # sizes of type
Anchor: TypeAlias = Literal["start", "middle", "end"]
CHARACTER = 0.6  # the width of a character, of its size


class Drawn(NamedTuple):
    """Some elements and the room that they take, from (0, 0) on."""

    parts: Markup
    width: float
    height: float


def element(name: str, *children: str, **attributes: str | float) -> Markup:
    """One element; an underscore in the name of an attribute stands for a hyphen, one at its end for nothing."""
    given = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    written = (Markup(' {}="{}"').format(key, _short(value)) for key, value in given)
    head = Markup("<{}{}").format(name, Markup("").join(written))
    if not children:
        return Markup("{}/>").format(head)
    return Markup("{}>{}</{}>").format(head, Markup("").join(children), name)


def picture(drawn: Drawn, title: str, description: str) -> Markup:
    """A whole picture; `title` and `description` say what is seen to those who do not see it."""
    width, height = round(drawn.width + 1), round(drawn.height + 1)
    return element(
        "svg",
        element("title", plain(title)),
        element("desc", plain(description)),
        drawn.parts,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        class_="drawing",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        font_size=SMALL,
        fill=INK,
    )


def text(words: str, x: float, y: float, *, anchor: Anchor = "start", size: int = 0) -> Markup:
    """A line of text whose base line begins, or is centred, or ends at a place."""
    more: dict[str, str | float] = {} if anchor == "start" else {"text_anchor": anchor}
    more |= {"font_size": size} if size else {}
    return element("text", plain(words), x=x, y=y, **more)


def line(points: Iterable[tuple[float, float]], *, dash: str = "", stroke: str = INK, width: float = 1) -> Markup:
    """A line through points."""
    more = {"stroke_dasharray": dash} if dash else {}
    return element("path", d=_through(points), fill="none", stroke=stroke, stroke_width=width, **more)


def area(points: Iterable[tuple[float, float]], opacity: float) -> Markup:
    """A shaded area within points."""
    return element("path", d=f"{_through(points)}z", fill_opacity=opacity, stroke="none")


def at(drawn: Drawn | Markup, x: float, y: float, scale: float = 1) -> Markup:
    """Elements moved to another place, and made larger."""
    parts = drawn.parts if isinstance(drawn, Drawn) else drawn
    return element(
        "g", parts, transform=f"translate({_short(x)} {_short(y)})" + f" scale({_short(scale)})" * (scale != 1)
    )


def beside(panels: Sequence[Drawn], gap: float, most: float) -> Drawn:
    """Panels from left to right, and in as many rows as it takes to stay within a width."""
    parts, x, y, height, width = [Markup("")], 0.0, 0.0, 0.0, 0.0
    for panel in panels:
        if x and x + panel.width > most:
            x, y, height = 0.0, y + height + gap, 0.0
        parts.append(at(panel, x, y))
        width, height = max(width, x + panel.width), max(height, panel.height)
        x += panel.width + gap
    return Drawn(Markup("").join(parts), width, y + height)


def below(panels: Sequence[Drawn], gap: float) -> Drawn:
    """Panels one below the other."""
    return beside(panels, gap, 0)


def length(words: str, size: int = SMALL) -> float:
    """About how wide a text is."""
    return len(plain(words)) * size * CHARACTER


def fixed(value: float) -> str:
    """A number in a picture: three significant digits.

    >>> fixed(0.12345), fixed(-0.0), fixed(1234)
    ('0.123', '0', '1.23e+03')
    """
    return f"{value + 0.0:.3g}"


def _through(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points)


def _short(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
