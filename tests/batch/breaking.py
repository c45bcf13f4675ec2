"""Writing that is interrupted at each of its steps, and what lies in a course then."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from referee.batch import store

STEPS = ("mkdir", "open", "write", "fsync", "replace", "sync")


def files(root: Path) -> dict[str, bytes]:
    """All files of a course by their paths, hidden ones too, but for the policy and the lock's folder."""
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes() for name, path in found.items() if not name.startswith((".referee/", "course.toml"))
    }


class Interrupted(BaseException):
    """What ends a process in the middle, like Ctrl-C."""


@contextmanager
def interrupted(step: str, error: BaseException, turn: int = 0) -> Iterator[None]:
    """While the given step of writing a file fails, for the `turn`-th file (from 0)."""
    left = [turn]

    def due() -> bool:
        left[0] -= 1
        return left[0] < 0

    def failing(function: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            if due():
                raise error
            return function(*args, **kwargs)

        return call

    class Half:
        """A file of which a half is written."""

        def __init__(self, path: Path) -> None:
            self.path = path

        def __enter__(self) -> Half:
            return self

        def __exit__(self, *_: object) -> None:
            return

        def write(self, content: bytes) -> int:
            with real_open(self.path, "wb") as file:
                file.write(content[: len(content) // 2])
            raise error

    real_open = Path.open

    def half(path: Path, mode: str = "r", **kwargs: object) -> object:
        return Half(path) if mode == "wb" and due() else real_open(path, mode, **kwargs)  # type: ignore[call-overload] # passed on

    with pytest.MonkeyPatch.context() as patch:
        if step in ("fsync", "sync"):
            patch.setattr(
                os if step == "fsync" else store, step, failing(getattr(os if step == "fsync" else store, step))
            )
        elif step == "write":
            patch.setattr(Path, "open", half)
        else:
            patch.setattr(Path, step, failing(getattr(Path, step)))
        yield
