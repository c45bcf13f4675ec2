"""What a notebook wrote beside itself, read from outside while its kernel lives: hostile, bounded, no link followed.

A kernel's file tree vanishes with its last process, so it is read before. Its processes may change it meanwhile: every
step opens one name below a folder that is open already, never a path, and takes what is a plain file at that moment.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_NO_LINK = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_CHUNK = 1 << 20
_DEPTH = 20
_MOST_SEEN = 20_000  # names that are looked at: a notebook may make millions


@dataclass
class Leavings:
    """The files that are new or changed, by their paths below the notebook's folder; `left_out` says whether some are
    not among them because there are too many or too large."""

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: bool = False


def read(work: Path, given: Sequence[Path], most_bytes: int, most_files: int = 1000) -> Leavings:
    """The files below `work` that are not, byte for byte, among the given ones.

    Parameters
    ----------
    work : the notebook's folder, as the system shows it to us; nothing is found where it is gone.
    given : files and folders that were copied there under their names.
    most_bytes, most_files : how much is taken in all.
    """
    found, originals = Leavings(), {path.name: path for path in given}
    room, seen = most_bytes, 0
    with contextlib.suppress(OSError):  # the kernel has ended meanwhile: what was read is what there is
        for name, descriptor, size in _files(work):
            seen += 1
            if seen > _MOST_SEEN:
                found.left_out = True
                break
            top, _, below = name.partition("/")
            original = originals[top] / below if top in originals else None
            if original is not None and _same(original, descriptor, size):
                continue
            if size > room or len(found.files) >= most_files:
                found.left_out = True
                continue
            content = _content(descriptor, size)
            found.files[name] = content
            room -= len(content)
    return found


def _files(work: Path) -> Iterator[tuple[str, int, int]]:
    """The plain files below a folder: path, an open descriptor (closed afterwards), size."""
    root = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield from _below(root, "", 0)
    finally:
        os.close(root)


def _below(folder: int, prefix: str, depth: int) -> Iterator[tuple[str, int, int]]:
    names = sorted(_names(folder))
    for name in names:
        with contextlib.suppress(OSError):
            descriptor = os.open(name, _NO_LINK, dir_fd=folder)
            try:
                status = os.fstat(descriptor)
                if stat.S_ISREG(status.st_mode):
                    yield f"{prefix}{name}", descriptor, status.st_size
                elif stat.S_ISDIR(status.st_mode) and depth < _DEPTH:
                    yield from _below(descriptor, f"{prefix}{name}/", depth + 1)
            finally:
                os.close(descriptor)


def _names(folder: int) -> Iterator[str]:
    """The names in a folder that a text can hold, as far as they are looked at."""
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= _MOST_SEEN:
                return
            with contextlib.suppress(UnicodeEncodeError):
                entry.name.encode("utf-8")
                yield entry.name


def _content(descriptor: int, size: int) -> bytes:
    """What a file held when its size was asked, not what is added meanwhile."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return _next(descriptor, size)


def _same(original: Path, descriptor: int, size: int) -> bool:
    """Whether a file is what it was when it was given."""
    try:
        if not original.is_file() or original.stat().st_size != size:
            return False
        with original.open("rb") as file:
            os.lseek(descriptor, 0, os.SEEK_SET)
            while part := file.read(_CHUNK):
                if _next(descriptor, len(part)) != part:
                    return False
    except OSError:
        return False
    return True


def _next(descriptor: int, size: int) -> bytes:
    """So many bytes from where a file stands; fewer at its end."""
    parts: list[bytes] = []
    while size > 0 and (part := os.read(descriptor, min(size, _CHUNK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
