"""The audit of a course: what can be tried is tried, what was handed in is looked through."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from referee.audit import looking, source, trying
from referee.audit.records import Audit
from referee.course import Exercise
from referee.errors import UsageError
from referee.nbcourse.course import NbCourse

Say = Callable[[str], None]


def attack(course: object, assignment: str | None, notebook: str | None, workers: int | None, say: Say) -> Audit:
    """Try every attack on every test cell of these notebooks, and look through what was handed in for them.

    Raises
    ------
    UsageError : not a course of nbgrader's, or an assignment or a notebook that it does not have.
    """
    began, nbgrader = time.monotonic(), _nbgraders(course)
    exercises = chosen(nbgrader, assignment, notebook)
    subjects, troubles = list[source.Subject](), dict[str, str]()
    for exercise in exercises:
        say(f"{exercise.name}: made as nbgrader makes it")
        try:
            subjects.append(source.subject(nbgrader, exercise))
        except source.Untried as error:
            troubles[exercise.name] = str(error)
    cells, kernels = trying.audited(nbgrader, subjects, workers, say)
    looked = _looked(nbgrader, exercises, workers, say)
    seconds = round(time.monotonic() - began, 1)
    return replace(looked, cells=tuple(cells), troubles=troubles, kernels=kernels, seconds=seconds)


def look(course: object, assignment: str, notebook: str | None, workers: int | None, say: Say) -> Audit:
    """Look through what was handed in for an assignment, and try nothing; raises as `attack` does."""
    nbgrader = _nbgraders(course)
    found = _looked(nbgrader, chosen(nbgrader, assignment, notebook), workers, say)
    if not found.looked and not found.unread:
        wanted = f"notebooks of {assignment} that were handed in"
        raise UsageError(wanted, "none", f"see {nbgrader.submission('<student>', assignment)}")
    return found


def chosen(course: NbCourse, assignment: str | None, notebook: str | None) -> tuple[Exercise, ...]:
    """The exercises of an assignment, or of all; of this name, where one is given."""
    found = course.exercises(assignment)
    kept = tuple(exercise for exercise in found if notebook in (None, exercise.notebook))
    if not kept:
        names = ", ".join(dict.fromkeys(exercise.notebook for exercise in found)) or "(there are none)"
        raise UsageError(f"one of the notebooks {names}", repr(notebook), f"look into {course.root}")
    return kept


def _nbgraders(course: object) -> NbCourse:
    if isinstance(course, NbCourse):
        return course
    raise UsageError(
        "a course of nbgrader's, whose tests run inside the kernel",
        "a course whose checks all run outside of it",
        "`referee verify` tries such a course, ci/attacks its kernels",
    )


def _looked(course: NbCourse, exercises: Sequence[Exercise], workers: int | None, say: Say) -> Audit:
    handed = list(looking.handed_in(course, exercises))
    signs, unread = looking.looked_through(handed, workers, say) if handed else ((), ())
    return Audit(signs=signs, unread=unread, looked=len(handed))
