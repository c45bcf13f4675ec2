"""A student's submission and its attempts on the disk: read, compared, and changed so that no moment loses anything.

    submitted/<student>/<assignment>/            what counts: notebooks, the note, nbgrader's timestamp.txt; in an
                                                 nbgrader course where its configuration says
    attempts/<assignment>/<student>/<n>/         what counted before, n from 1

A change is made in this order, each step lasting on the disk before the next: the old files are copied into an attempt
that appears at once and whole; the timestamp and what the new files stand for leave; each new file takes its place by
a rename; the note is written. After a crash anywhere the same change, planned anew, finds the attempt and goes on.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from referee.collect.naming import SUFFIX
from referee.collect.note import NOTE
from referee.collect.sources import file_pieces
from referee.course import Course, resolved
from referee.errors import UsageError

TIMESTAMP = "timestamp.txt"
_UNFINISHED = ".collecting"  # a file beside the notebooks, a folder beside the attempts: ours, from a crash
Pieces = Iterable[bytes]


@dataclass(frozen=True)
class Content:
    """New content: where its bytes come from, read again each time, and the hash that they must have."""

    pieces: Pieces
    sha256: str


@dataclass(frozen=True)
class Place:
    """Where one student's submission to one assignment lies, in the course."""

    course: Course
    student: str
    assignment: str

    @property
    def folder(self) -> Path:
        return self.course.submission(self.student, self.assignment)

    @property
    def attempts(self) -> Path:
        return attempts_of(self.course) / self.assignment / self.student

    def barred(self) -> str:
        """Why nothing is written here: a link or something else on the way; empty where the way is free."""
        for path in (self.folder.parent, self.folder, self.attempts.parent, self.attempts, self.attempts / _UNFINISHED):
            if not _is(path, stat.S_IFDIR):
                return f"{self._shown(path)} is a link, or no folder: move it away"
        for path in (*self._files(), self.folder / TIMESTAMP, self.folder / NOTE, self.folder / _UNFINISHED):
            if not _is(path, stat.S_IFREG):
                return f"{self._shown(path)} is a link, or no file: move it away"
        here = self.folder.resolve() == resolved(self.course.submission, self.student, self.assignment)
        there = self.attempts.resolve() == attempts_of(self.course).resolve() / self.assignment / self.student
        return "" if here and there else "its name leads elsewhere"

    def _shown(self, path: Path) -> Path:
        """A path for people: from the course's root, where it lies in there."""
        return path.relative_to(self.course.root) if path.is_relative_to(self.course.root) else path

    def _files(self) -> list[Path]:
        return sorted(path for path in _inside(self.folder) if path.name.lower().endswith(SUFFIX))

    def notebooks(self) -> dict[str, str]:
        """The notebooks that count now, by name, with their hashes."""
        return {path.name: digest(file_pieces(path)) for path in self._files()}

    def numbers(self) -> list[int]:
        """The numbers of the attempts that are there."""
        return sorted(int(path.name) for path in _inside(self.attempts) if path.name.isdecimal())

    def has_kept(self, files: Mapping[str, str]) -> bool:
        """Whether one of the attempts holds all these files, by name and hash."""
        return any(self._holds(self.attempts / str(number), files) for number in self.numbers())

    def _holds(self, attempt: Path, files: Mapping[str, str]) -> bool:
        if not _is(attempt, stat.S_IFDIR) or not all(_is_file(attempt / name) for name in files):
            return False
        return all(digest(file_pieces(attempt / name)) == sha for name, sha in files.items())

    def keep(self, number: int, files: Mapping[str, Content]) -> None:
        """Make an attempt of these files: it appears at once and whole."""
        stage = self.attempts / _UNFINISHED
        _make(stage)
        for path in _inside(stage):
            path.unlink()
        for name, content in files.items():
            _fill(stage / name, content)
        _sync(stage)
        stage.rename(self.attempts / str(number))
        _sync(self.attempts)

    def remove(self, names: Iterable[str]) -> None:
        """Take files away that an attempt holds."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
            _sync(self.folder)  # one by one: the timestamp never outlives the notebook that it is about

    def put(self, name: str, content: Content) -> None:
        """Give a file this content, at once and whole."""
        _make(self.folder)
        _fill(self.folder / _UNFINISHED, content)
        (self.folder / _UNFINISHED).replace(self.folder / name)
        _sync(self.folder)

    def sweep(self) -> None:
        """Remove what a crash left unfinished."""
        (self.folder / _UNFINISHED).unlink(missing_ok=True)
        stage = self.attempts / _UNFINISHED
        for path in _inside(stage):
            path.unlink()
        with suppress(FileNotFoundError):
            stage.rmdir()

    def current(self, names: Iterable[str]) -> dict[str, Content]:
        """The content of files as they lie here now, as far as they exist."""
        paths = [self.folder / name for name in names if _is_file(self.folder / name)]
        return {path.name: Content(FilePieces(path), digest(file_pieces(path))) for path in paths}


def attempts_of(course: Course) -> Path:
    """Where a course keeps what counted before."""
    return course.root / "attempts"


@dataclass(frozen=True)
class FilePieces:
    """The bytes of a regular file, read anew each time."""

    path: Path

    def __iter__(self) -> Iterator[bytes]:
        return file_pieces(self.path)


def digest(pieces: Pieces) -> str:
    """The SHA-256 of some content."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def _is(path: Path, kind: int) -> bool:
    """Whether a path is of this kind, or free; a link is neither."""
    try:
        return stat.S_IFMT(path.lstat().st_mode) == kind
    except FileNotFoundError:
        return True


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _fill(path: Path, content: Content) -> None:
    """Write a new file that lasts. Raises `UsageError` where the source has changed since it was read."""
    path.unlink(missing_ok=True)
    found = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb") as file:
        for piece in content.pieces:
            found.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if found.hexdigest() != content.sha256:
        raise UsageError("a source that stays as it is", "one that changed meanwhile", "run the same command again")


def _make(folder: Path) -> None:
    """Make a folder, and those above it, so that they last."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
