"""What grading leaves in a course, each file there whole or not at all, and the lock that keeps two from writing.

reports/<assignment>/<student>.json                     everything known, complete
autograded/<student>/<assignment>/<notebook>.ipynb      the notebook as it ran, for nbgrader's formgrader
.referee/lock                                           held while somebody writes
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from referee.course import STATE, Course
from referee.errors import HarnessError, NoRoom, UsageError
from referee.report import Report, from_json

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment] # then nobody is kept out

_STATE_IGNORED = "*\n"
#: Errors that the next report would meet as well: there is no use in grading on.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def report_path(course: Course, assignment: str, student: str) -> Path:
    """Where the report of one student's submission lies."""
    return course.root / "reports" / assignment / f"{student}.json"


def read_report(path: Path) -> Report | None:
    """The report in a file; None where there is none, or none that can be read."""
    try:
        return from_json(path.read_bytes())
    except (OSError, HarnessError):
        return None


def write(course: Course, report: Report, text: bytes, notebooks: Mapping[str, bytes]) -> None:
    """Write the notebooks as they ran, and last of all the report: where it lies, everything does.

    Raises
    ------
    NoRoom : the disk is full, or cannot be written at all.   OSError : these files cannot be written.
    """
    folder = course.root / "autograded" / report.student / report.assignment
    with no_room(course.root):
        for name, content in notebooks.items():
            replace(folder / f"{name}.ipynb", content)
        replace(report_path(course, report.assignment, report.student), text)


@contextlib.contextmanager
def no_room(folder: Path) -> Iterator[None]:
    """Turn the errors that every further file would meet as well into `NoRoom`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        found = f"{error.strerror or error} ({error.filename or folder})"
        remedy = "make room, and run the same command again: it goes on where it was"
        raise NoRoom(f"room for the results in {folder}", found, remedy) from error


def replace(path: Path, content: bytes) -> None:
    """Put a file in place, whole and for good: after a power cut there is the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{os.getpid()}.new")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Let the names in a folder be as durable as the files."""
    with contextlib.suppress(OSError):  # not every file system can
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sweep(course: Course, assignment: str) -> None:
    """Remove the unfinished files of a run that was killed; the lock says that there is no other."""
    for pattern in (f"reports/{assignment}/.*.new", f"autograded/*/{assignment}/.*.new"):
        for path in course.root.glob(pattern):
            path.unlink(missing_ok=True)


class Holder(msgspec.Struct):
    """Who holds the lock of a course."""

    pid: int
    host: str
    doing: str
    since: str

    def words(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}: {self.doing}"


@contextlib.contextmanager
def locked(course: Course, doing: str) -> Iterator[None]:
    """While this course is written by us alone. The system lets go of the lock when the process ends, however it does.

    Raises
    ------
    UsageError : somebody else writes; nothing was changed.
    """
    folder = course.root / STATE
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text(_STATE_IGNORED, encoding="utf-8")
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(descriptor, course)
        since = datetime.datetime.now().astimezone().isoformat(" ", "seconds")
        holder = Holder(pid=os.getpid(), host=socket.gethostname(), doing=doing, since=since)
        os.ftruncate(descriptor, 0)
        with contextlib.suppress(OSError):  # a full disk: the lock holds without the words
            os.pwrite(descriptor, msgspec.json.encode(holder), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, course: Course) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            who = msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Holder).words()
        except msgspec.MsgspecError:
            who = "another process"
        wanted = f"nobody else who writes to the course {course.root}"
        raise UsageError(wanted, who, "wait for its end, or end it; nothing was changed") from None
