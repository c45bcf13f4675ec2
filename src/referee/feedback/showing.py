"""How much of a picture its reader may see.

Heat, Field    the student's side from ACTUAL on; what was expected, and what is wrong, at ALL only
Curves         from ACTUAL on: they are the student's own
Level          the share and the band from HINT on, as the words say them; the floor at ALL only
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from referee.feedback.text import plain
from referee.pictures import Curves, Field, Heat, Level, Picture
from referee.record import Record

_TITLE = 120


class ShownPicture(Record, frozen=True):
    """A picture that holds no more than its reader may see. Made by `shown_pictures` alone."""

    content: Picture


def shown_pictures(pictures: Iterable[Picture], *, actual: bool, everything: bool) -> tuple[ShownPicture, ...]:
    """What of these pictures is shown to a reader who may see the hints; those of which that is nothing are left out.

    actual : the reader may see the student's own values.   everything : those of the reference, too.
    """
    found = (picture for picture in pictures if actual or isinstance(picture, Level))
    return tuple(ShownPicture(content=_cut(picture, everything)) for picture in found)


def _cut(picture: Picture, everything: bool) -> Picture:
    """A picture with a harmless title, without the reference's side where not everything is shown."""
    title = plain(picture.title, _TITLE)[:200]
    if isinstance(picture, Curves):
        return replace(picture, title=title, series=dict(_named(picture)))
    if everything:
        return replace(picture, title=title)
    if isinstance(picture, Heat):
        return replace(picture, title=title, expected=(), wrong=())
    return replace(picture, title=title, **({"expected": ()} if isinstance(picture, Field) else {"floor": None}))


def _named(picture: Curves) -> Iterator[tuple[str, str]]:
    """The series by their names as a page may show them."""
    for name, values in picture.series.items():
        yield plain(name, 40)[:60], values
