"""What is worth telling about a check besides its verdict: an accuracy that was reached, an argument changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_heard: ContextVar[list[str] | None] = ContextVar("remarks", default=None)
_MOST = 5


def remark(words: str) -> None:
    """Say something about the check that is running; it stands in its evidence, once, whatever its verdict."""
    heard = _heard.get()
    if heard is not None and words not in heard and len(heard) < _MOST:
        heard.append(words)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect the remarks that are made in this block."""
    heard: list[str] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)
