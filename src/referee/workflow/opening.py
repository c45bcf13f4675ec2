"""Which kind of course a folder lies in: one of ours, one of nbgrader's, or what is not our job."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Literal, TypeAlias

from referee import course as courses
from referee.course import POLICY, Course
from referee.errors import UsageError
from referee.workflow import elsewhere

_NBGRADER = "nbgrader_config.py"
_OURS = "solutions"  # the folder that every course of ours has
_LIKE_NBGRADER = ("submitted", "release", "gradebook.db", "autograded")
Own: TypeAlias = Literal["release", "verify", "regrade", "export --to nbgrader"]

#: What only a course of ours has: why an nbgrader course has it not, and nbgrader's own command for it.
_INSTEAD: dict[Own, tuple[str, str]] = {
    "release": (
        "its exercises are made by nbgrader",
        "`nbgrader generate_assignment {assignment}` makes what students get",
    ),
    "verify": (
        "its tests stand in its notebooks",
        "`nbgrader validate NOTEBOOK` runs a solution with its tests; `referee audit` tries ways around them",
    ),
    "regrade": (
        "its tests run inside the kernel, and no answers are recorded",
        "grade again: `referee grade {assignment} --again`",
    ),
    "export --to nbgrader": (
        "its pages are made by nbgrader",
        "`referee pages {assignment}`, then `nbgrader release_feedback {assignment}`",
    ),
}


def open_course(start: Path, database: str | None = None) -> Course:
    """The course that `start` lies in: the nearest folder upwards that holds one.

    A folder with a course.toml and solutions/ is a course of ours. One with a section [nbgrader] in course.toml is an
    nbgrader course, as is one without solutions/ and with an nbgrader_config.py, or with nbgrader's usual folders.

    database : the gradebook's URL of an nbgrader course, in place of the configured one.

    Raises
    ------
    UsageError : there is none; it says what is there instead.
    CourseError : its policy or configuration cannot be read.
    """
    start = start.resolve()
    folder = course_around(start)
    if folder is None:
        raise _none_at(start)
    if is_nbgrader(folder):
        from referee.nbcourse.config import open_course as opened  # noqa: PLC0415 - nbgrader is an extra, and slow

        return opened(folder, database)
    return courses.load(folder)


def require_own(start: Path, command: Own, assignment: str | None = None) -> None:
    """Raise `UsageError` where `start` lies in an nbgrader course, which does that otherwise: it names the command."""
    folder = course_around(start.resolve())
    if folder is not None and is_nbgrader(folder):
        why, remedy = _INSTEAD[command]
        name = shlex.quote(assignment) if assignment else "ASSIGNMENT"
        wanted = f"a course of Referee's own kind, for `referee {command}`"
        raise UsageError(wanted, f"the nbgrader course {folder}: {why}", remedy.format(assignment=name))


def course_around(start: Path) -> Path | None:
    """The nearest folder upwards that is a course, sound or not; None where there is none."""
    folders = (start, *start.parents)
    return next((folder for folder in folders if (folder / POLICY).is_file() or is_nbgrader(folder)), None)


def is_nbgrader(folder: Path) -> bool:
    """Whether a folder is an nbgrader course."""
    if (folder / POLICY).is_file() and courses.read_policy(folder / POLICY).nbgrader is not None:
        return True
    if (folder / POLICY).is_file() and (folder / _OURS).is_dir():
        return False
    if (folder / _NBGRADER).is_file():
        return True
    return (folder / "source").is_dir() and any((folder / name).exists() for name in _LIKE_NBGRADER)


def _none_at(start: Path) -> UsageError:
    """The error where there is no course: with what is there, and what grades that."""
    there = elsewhere.look(start)
    found = f"none at {start} or above"
    remedy = "change into a course, name one with --course, or make one: `referee new FOLDER`"
    if there is not None:
        found, remedy = f"{found}; {there.what}", there.remedy
    return UsageError(f"a course: a folder with {POLICY} or {_NBGRADER}", found, remedy)
