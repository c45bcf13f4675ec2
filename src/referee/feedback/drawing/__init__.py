"""Pictures drawn as inline SVG: from what a reader may see to markup that a page and a notebook can hold.

draw(ShownPicture)     the drawing
words(ShownPicture)    the same in one line of text
GLOBALS                both, under the names by which `pictures.html.j2` calls them

maps, plots, levels, fields    one kind of picture each
saying                         pictures in words
cells, axes                    grids of cells; axes and lines
colours, svg                   colour maps; the elements, the only place where markup is written
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from referee.feedback.drawing.fields import draw_field
from referee.feedback.drawing.levels import draw_level
from referee.feedback.drawing.maps import draw_map
from referee.feedback.drawing.plots import draw_curves, draw_series
from referee.feedback.drawing.saying import words_of
from referee.feedback.drawing.svg import Drawn, picture
from referee.feedback.showing import ShownPicture
from referee.feedback.text import plain
from referee.pictures import Curves, Field, Heat, Picture


def draw(shown: ShownPicture) -> Markup:
    """An inline SVG of what a reader may see: valid XML, the same for equal pictures, at most 100 kB, usually 5 kB."""
    return picture(_drawn(shown.content), shown.content.title, words_of(shown.content))


def words(shown: ShownPicture) -> str:
    """What there is to see, in one line that begins with the title."""
    return plain(f"{shown.content.title}: {words_of(shown.content)}")


GLOBALS: dict[str, Callable[[ShownPicture], Any]] = {"draw_picture": draw, "picture_words": words}


def _drawn(content: Picture) -> Drawn:
    if isinstance(content, Heat):
        return draw_series(content) if len(content.axes) == 1 else draw_map(content)
    if isinstance(content, Curves):
        return draw_curves(content)
    return draw_field(content) if isinstance(content, Field) else draw_level(content)
