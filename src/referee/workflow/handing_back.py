"""What nbgrader needs to hand pages back through its exchange.

`nbgrader release_feedback` publishes feedback/<student>/<assignment>/<notebook>.html under a name that it makes of the
notebook's and of the secret that came with the submission; the student's `nbgrader fetch_feedback` makes the same. It
reads that secret, and when the notebook was handed in, beside the page.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from referee.batch import store
from referee.course import Course

BESIDE = ("timestamp.txt", "submission_secret.txt")
_MOST_BYTES = 1000
_READABLE = 0o644  # as nbgrader's own pages: the exchange gives students a file with the page's permissions


def stamp(course: Course, assignment: str, student: str) -> str:
    """Put beside a student's pages what came with the submission; why they cannot be released, where they cannot."""
    folder = course.feedback(student, assignment)
    why = why_not(course, assignment, student)
    for name in BESIDE if folder.is_dir() else ():
        _put(folder / name, None if why else _small_text(course.submission(student, assignment) / name))
    for page in () if why else folder.glob("*.html"):
        page.chmod(_READABLE)
    return why


def why_not(course: Course, assignment: str, student: str) -> str:
    """Why nbgrader cannot release a student's pages; empty where it can."""
    folder = course.submission(student, assignment)
    missing = [name for name in BESIDE if _small_text(folder / name) is None]
    return f"its submission has no {' and no '.join(missing)}: not from nbgrader's exchange" if missing else ""


def _put(path: Path, text: str | None) -> None:
    """Write a file where it says something else; remove one that belongs to an earlier submission."""
    if text is None:
        path.unlink(missing_ok=True)
    elif _small_text(path) != text:
        with store.no_room(path.parent):
            store.replace(path, text.encode(), durable=False)


def _small_text(path: Path) -> str | None:
    """The text of a small regular file; None for anything else that a student may have handed in by that name."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            small = stat.S_ISREG(status.st_mode) and 0 < status.st_size <= _MOST_BYTES
            text = file.read(_MOST_BYTES).decode() if small else ""
        return text if text.strip() and text.strip().isprintable() else None
    return None
