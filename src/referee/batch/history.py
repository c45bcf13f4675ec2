"""What reports were before they were changed: entries that stay, and that can be taken back.

    history/<assignment>/<number>/entry.json              what was changed, when, for whom
    history/<assignment>/<number>/before/<student>.json   the report as it was

An entry is written before anything is changed, and closed after everything is: one that a kill left open is continued.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from referee.batch import store
from referee.changes import Entry
from referee.course import Course

_ENTRY, _BEFORE = "entry.json", "before"


class Texts(Mapping[str, bytes]):
    """By student the text of a report, read from its file when it is asked for."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths

    def __getitem__(self, student: str) -> bytes:
        return self._paths[student].read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def entries(course: Course, assignment: str) -> tuple[Entry, ...]:
    """All entries of an assignment, the oldest first; one that cannot be read is left out."""
    found = []
    for path in sorted(_folder(course, assignment).glob(f"*/{_ENTRY}")):
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            found.append(msgspec.json.decode(path.read_bytes(), type=Entry))
    return tuple(sorted(found, key=lambda entry: entry.number))


def interrupted(course: Course, assignment: str, kind: str = "regrade", undoes: int | None = None) -> Entry | None:
    """The newest regrade, or undoing of one, that was never finished."""
    known = (entry for entry in entries(course, assignment) if entry.kind == kind and entry.undoes == undoes)
    return next((entry for entry in reversed(tuple(known)) if entry.state == "open"), None)


def last_to_undo(course: Course, assignment: str) -> Entry | None:
    """The last regrade that was not taken back."""
    known = entries(course, assignment)
    undone = {entry.undoes for entry in known if entry.kind == "undo" and entry.state == "done"}
    return next((entry for entry in reversed(known) if entry.kind == "regrade" and entry.number not in undone), None)


def change(course: Course, entry: Entry, texts: Mapping[str, bytes]) -> Entry:
    """Replace reports, keeping each as it was; the entry as it stands in history.

    entry : numbered 0 for a new one, else the open one that is continued.   texts : student -> the new report.
    """
    after = {**entry.after, **{student: digest(text) for student, text in texts.items()}}
    entry = begin(course, msgspec.structs.replace(entry, after=after))
    for student, text in texts.items():
        keep(course, entry, student)
        store.replace(store.report_path(course, entry.assignment, student), text)
    return entry


def begin(course: Course, entry: Entry) -> Entry:
    """Write an entry that is open, with a number of its own where it has none."""
    number = entry.number or _next(course, entry.assignment)
    entry = msgspec.structs.replace(entry, number=number, state="open")
    _write(course, entry)
    return entry


def keep(course: Course, entry: Entry, student: str) -> None:
    """Keep a report as it is now, unless the entry holds an older one of the same student."""
    path, kept = store.report_path(course, entry.assignment, student), before(course, entry, student)
    if not kept.exists() and path.exists():
        _keep(path, kept)


def close(course: Course, entry: Entry) -> Entry:
    """Say that everything which belongs to an entry has been done."""
    done = msgspec.structs.replace(entry, state="done")
    _write(course, done)
    return done


def keep_notebooks(course: Course, entry: Entry, student: str) -> None:
    """Keep the notebooks of a student as they ran, unless the entry holds older ones."""
    folder = before(course, entry, student).with_suffix("")
    if not folder.exists():
        for path in sorted(course.autograded(student, entry.assignment).glob("*.ipynb")):
            _keep(path, folder / path.name)


def kept_notebooks(course: Course, entry: Entry, student: str) -> dict[str, bytes]:
    """The notebooks that an entry keeps, by their names; none where they were not replaced."""
    folder = before(course, entry, student).with_suffix("")
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.ipynb"))}


def untouched(course: Course, entry: Entry) -> bool:
    """Whether all reports of an entry are as it found or left them, so that it may be continued."""
    for student, after in entry.after.items():
        path, old = store.report_path(course, entry.assignment, student), before(course, entry, student)
        known = {after, *([digest(old.read_bytes())] if old.exists() else [])}
        if old.exists() and (not path.exists() or digest(path.read_bytes()) not in known):
            return False
    return True


def before(course: Course, entry: Entry, student: str) -> Path:
    """Where the report of a student lies as it was before an entry."""
    return _folder(course, entry.assignment) / f"{entry.number:04}" / _BEFORE / f"{student}.json"


def digest(text: bytes) -> str:
    """The SHA-256 of a report's text."""
    return hashlib.sha256(text).hexdigest()


def now() -> str:
    """The time, for people."""
    return datetime.datetime.now().astimezone().isoformat(" ", "seconds")


def _next(course: Course, assignment: str) -> int:
    """A number that no entry has, nor one that cannot be read."""
    names = (path.name for path in _folder(course, assignment).glob("*"))
    return 1 + max((int(name) for name in names if name.isdecimal()), default=0)


def _folder(course: Course, assignment: str) -> Path:
    return course.root / "history" / assignment


def _write(course: Course, entry: Entry) -> None:
    text = msgspec.json.format(msgspec.json.encode(entry, order="deterministic"), indent=1)
    store.replace(_folder(course, entry.assignment) / f"{entry.number:04}" / _ENTRY, text + b"\n")


def _keep(path: Path, kept: Path) -> None:
    """A second name for a file that is about to be replaced; a copy where the file system has no such names."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, kept)
    except OSError:
        store.replace(kept, path.read_bytes())
    store.sync(kept.parent)
