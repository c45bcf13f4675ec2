"""What of a submission nbgrader is let near: plain files, not too many, not too large, and a time that is one.

nbgrader copies whatever lies in a submission's folder, and follows links: to the solutions, or to anybody's keys.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from nbgrader.utils import parse_utc

from referee.nbcourse import walking
from referee.sandbox.limits import Limits

_MOST_FILES = 10_000
_TIMESTAMP = "timestamp.txt"
_TIMESTAMP_BYTES = 1000
_MIB = 2**20


def refused(folder: Path, notebooks: Sequence[Path], limits: Limits) -> str:
    """Why a submission is not taken; empty where it is."""
    for path in notebooks:
        if path.is_file() and path.stat().st_size > limits.submission_bytes:
            return f"{path.name} has {path.stat().st_size:,} bytes; at most {limits.submission_bytes:,} are read"
    if folder.is_symlink() or folder.parent.is_symlink():
        return "its folder is a link; only files that were handed in are taken"
    return _odd(folder, limits) or _no_time(folder / _TIMESTAMP)


def _odd(folder: Path, limits: Limits) -> str:
    """What in a folder is no plain file or folder, or is too much."""
    count = size = 0
    for name, entry, depth in walking.below(folder):
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            return f"{name!a} is a link; only files that were handed in are taken"
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            return f"{name!a} is neither a file nor a folder"
        if depth > walking.DEEPEST:
            return f"its folders are more than {walking.DEEPEST} deep"
        count, size = count + 1, size + (status.st_size if stat.S_ISREG(status.st_mode) else 0)
        if count > _MOST_FILES:
            return f"more than {_MOST_FILES:,} files were handed in"
    if size > limits.disk_mb * _MIB:
        return f"{size:,} bytes were handed in; the limit disk_mb = {limits.disk_mb} holds for them, too"
    return ""


def _no_time(path: Path) -> str:
    if not path.is_file():
        return ""
    try:
        if path.stat().st_size > _TIMESTAMP_BYTES:
            return f"{_TIMESTAMP} has {path.stat().st_size:,} bytes, and holds no time; mend or remove it"
        text = path.read_text(encoding="utf-8").strip()
        if text:
            parse_utc(text)
    except (ValueError, OverflowError, OSError) as error:
        return f"{_TIMESTAMP} holds no time that can be read ({type(error).__name__}); mend or remove it"
    return ""
