"""What is worth telling about a check besides its verdict: an accuracy that was reached, an argument changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Remarks(list[str]):
    """What was said, in order; `near` where one remark was about a value near its threshold."""

    near = False


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


@contextmanager
def listening() -> Iterator[Remarks]:
    """Collect the remarks that are made in this block."""
    heard = Remarks()
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)
