"""What grading leaves in a course, each file there whole or not at all.

reports/<assignment>/<student>.json                     everything known, complete
autograded/<student>/<assignment>/<notebook>.ipynb      the notebook as it ran, for nbgrader's formgrader
.referee/lock                                           held while somebody writes
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from referee.course import Course
from referee.errors import HarnessError, NoRoom
from referee.report import Report, from_json

#: Errors that the next report would meet as well: there is no use in grading on.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def report_path(course: Course, assignment: str, student: str) -> Path:
    """Where the report of one student's submission lies."""
    return course.root / "reports" / assignment / f"{student}.json"


def read_report(path: Path, student: str = "") -> Report | None:
    """The report in a file; None where there is none, none that can be read, or another student's."""
    try:
        report = from_json(path.read_bytes()) if path.is_file() else None
    except (OSError, HarnessError):
        return None
    return report if report is not None and report.student == (student or report.student) else None


def write(course: Course, report: Report, text: bytes, notebooks: Mapping[str, bytes]) -> None:
    """Write the notebooks as they ran, and last of all the report: where it lies, everything does.

    Raises
    ------
    NoRoom : the disk is full, or cannot be written at all.   OSError : these files cannot be written.
    """
    folder = course.autograded(report.student, report.assignment)
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


def replace(path: Path, content: bytes, *, durable: bool = True, mode: int | None = None) -> None:
    """Put a file in place, whole and for good: after a power cut there is the old one or the new one.

    durable : False for what can be made again, and need not outlive a power cut.
    mode : its permissions, from before anything stands in it; the system's usual ones by default.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{os.getpid()}.new")
    try:
        with fresh.open("wb") as file:
            if mode is not None:
                fresh.chmod(mode)
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    if durable:
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
    sweep_reports(course)
    name = glob.escape(assignment)
    folders = (f"reports/{name}", f"autograded/*/{name}", f"feedback/*/{name}", f"history/{name}/**")
    for pattern in (f"{folder}/.*.new" for folder in folders):
        for path in course.root.glob(pattern):
            path.unlink(missing_ok=True)


def sweep_reports(course: Course) -> None:
    """Remove the unfinished class pages beside the reports. No lock is held while one is made: only of who is gone."""
    for path in (course.root / "reports").glob(".*.new"):
        number = path.name.split(".")[1]
        if number.isdecimal() and not _lives(int(number)):
            path.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    """Whether there is such a process on this machine; where that cannot be told, it may be."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's; or no number of a process
        return True
    return True
