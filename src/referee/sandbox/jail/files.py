"""A notebook's files: copied into its work folder, and handed to its user."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_CHUNK = 1 << 20
_DEPTH = 20


def copy(source: int, target: str, user: int | None = None, group: int | None = None, depth: int = 0) -> None:
    """Copy the regular files and folders of the open folder `source` into the folder `target`; links are left out.

    Names are opened below the descriptor and never followed, so nothing outside the folder can be copied.
    """
    # Listed through a descriptor of its own: a sibling that inherited the same one may be reading there, too
    listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=source)
    names = sorted(os.listdir(listed))  # noqa: PTH208 - a descriptor, not a path
    os.close(listed)
    for name in names:
        try:
            # O_NONBLOCK, because opening a pipe would wait for its writer
            item = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=source)
        except OSError:  # a link, a socket, gone
            continue
        try:
            mode, place = os.fstat(item).st_mode, Path(target, name)
            if stat.S_ISDIR(mode) and depth < _DEPTH:
                place.mkdir(0o700)
                copy(item, str(place), user, group, depth + 1)
            elif stat.S_ISREG(mode):
                _copy_file(item, place, 0o600 | mode & 0o100)
            else:
                continue
            if user is not None and group is not None:
                os.chown(place, user, group)
        finally:
            os.close(item)


def give(folder: str, user: int, group: int) -> None:
    """Make a folder and all in it the user's; links are not followed."""
    os.chown(folder, user, group)
    for above, folders, names in os.walk(folder):
        for name in (*folders, *names):
            os.chown(Path(above, name), user, group, follow_symlinks=False)


def _copy_file(source: int, place: Path, mode: int) -> None:
    target = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        while chunk := os.read(source, _CHUNK):
            view = memoryview(chunk)
            while view:
                view = view[os.write(target, view) :]
    finally:
        os.close(target)
