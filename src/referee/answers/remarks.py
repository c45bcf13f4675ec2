"""What is worth telling or showing about a check besides its verdict: an accuracy, an argument changed, a training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from referee.pictures import MOST, Picture


class Remarks(list[str]):
    """What was said, in order; `near` where one remark was about a value near its threshold; what was shown."""

    near = False

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[Picture] = []


_heard: ContextVar[Remarks | None] = ContextVar("remarks", default=None)
_MOST = 5


def remark(words: str, *, near: bool = False) -> None:
    """Say something about the check that is running; it stands in its evidence, once, whatever its verdict.

    near : it is about a value so near its threshold that another seed might decide otherwise.
    """
    heard = _heard.get()
    if heard is None:
        return
    heard.near = heard.near or near
    if words not in heard and len(heard) < _MOST:
        heard.append(words)


def depict(picture: Picture | None) -> None:
    """Show something about the check that is running; it stands in its evidence, once, whatever its verdict."""
    heard = _heard.get()
    if heard is not None and picture is not None and picture not in heard.pictures and len(heard.pictures) < MOST:
        heard.pictures.append(picture)


@contextmanager
def listening() -> Iterator[Remarks]:
    """Collect the remarks that are made in this block."""
    heard = Remarks()
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)
