"""Which kind of course a folder lies in: one of ours, one of nbgrader's, or what is not our job."""

from __future__ import annotations

from pathlib import Path

from referee import course as courses
from referee.course import POLICY, Course
from referee.errors import UsageError

_NBGRADER = "nbgrader_config.py"
_LIKE_NBGRADER = ("submitted", "release", "gradebook.db", "autograded")


def open_course(start: Path, database: str | None = None) -> Course:
    """The course that `start` lies in: the nearest folder upwards that holds one.

    A folder with a course.toml is a course of ours, or with a section [nbgrader] an nbgrader course, as is one without
    that file and with an nbgrader_config.py, or with nbgrader's usual folders.

    database : the gradebook's URL of an nbgrader course, in place of the configured one.

    Raises
    ------
    UsageError : there is none.   CourseError : its policy or configuration cannot be read.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if is_nbgrader(folder):
            from referee.nbcourse.config import open_course as opened  # noqa: PLC0415 - nbgrader is an extra, and slow

            return opened(folder, database)
        if (folder / POLICY).is_file():
            return courses.load(folder)
    raise UsageError(
        f"a course: a folder with {POLICY} or {_NBGRADER}", f"none at {start} or above", "change into a course"
    )


def course_around(start: Path) -> Path | None:
    """The nearest folder upwards that is a course, sound or not; None where there is none."""
    folders = (start, *start.parents)
    return next((folder for folder in folders if (folder / POLICY).is_file() or is_nbgrader(folder)), None)


def is_nbgrader(folder: Path) -> bool:
    """Whether a folder is an nbgrader course."""
    if (folder / POLICY).is_file():
        return courses.read_policy(folder / POLICY).nbgrader is not None
    if (folder / _NBGRADER).is_file():
        return True
    return (folder / "source").is_dir() and any((folder / name).exists() for name in _LIKE_NBGRADER)
