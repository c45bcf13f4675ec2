"""A submission's way through nbgrader: its first half before a worker has it, its second half when it comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from referee.course import STATE, Course
from referee.errors import ClusterLost, CourseError, DataError, GradebookError, MissingExtra, NoRoom
from referee.nbcourse.converter import Begun, NotGraded, Played
from referee.nbcourse.orders import Desk
from referee.nbcourse.running import Ran
from referee.report import Basis, Fault, Report
from referee.workflow.nbreport import Assigned, Came, Entry, report_of

_ALL = (CourseError, DataError, MissingExtra, ClusterLost, GradebookError, NoRoom)  # these end a run


class Entering(Executor):
    """Hands a submission to a worker when nbgrader has prepared it, and lets nbgrader score what came back."""

    def __init__(self, assigned: Assigned, desk: Desk, inner: Executor, shared: Mapping[str, Basis]) -> None:
        self._assigned, self._desk, self._inner, self._shared = assigned, desk, inner, shared
        self._begun: dict[str, Begun] = {}

    def submit(self, fn: Callable[..., Any], /, entry: Entry) -> Future[Any]:  # type: ignore[override] # entries alone
        """Prepare a submission and hand it on. The future holds `NotGraded` where nbgrader could not prepare it."""
        assigned, student = self._assigned, entry.student
        mark(assigned.course, assigned.assignment, student).touch()
        future: Future[Any] = Future()
        try:
            begun = self._begun.get(student)
            if begun is None or not begun.folder.exists():
                begun = self._begun[student] = assigned.halves.begin(student, entry.notebooks, assigned.book)
        except NotGraded as error:
            future.set_result(error)
            return future
        if not assigned.halves.executes:
            future.set_result(tuple(_unrun(name, notebook) for name, notebook in begun.notebooks.items()))
            return future
        return self._inner.submit(fn, self._desk.order(begun))

    def report(self, entry: Entry, result: Any) -> Report:
        """The report on a submission; scores, autograded/ and all that nbgrader writes are there when it is.

        One that cannot be entered because of what it is stays with a person. Raises `result` where that ends the run.
        """
        try:
            return self._entered(entry, result)
        except _ALL:
            raise
        except Exception as error:  # noqa: BLE001 - one submission is no reason to stop
            words = f"the harness failed ({type(error).__name__}: {error}); this costs no point"
            self._assigned.halves.give_up(entry.student)
            return report_of(self._assigned, Came(entry, lost=words, fault=Fault.HARNESS), self._shared)

    def close(self) -> None:
        """Leave nothing half done behind: what was prepared and not run is not there, as after nbgrader's own end."""
        for student in self._begun:
            self._assigned.halves.give_up(student)

    def _entered(self, entry: Entry, result: Any) -> Report:
        if isinstance(result, _ALL):
            raise result
        came = _came(entry, self._begun.pop(entry.student, None), result)
        if came.begun is not None:
            came = self._scored(came, came.begun)
        return report_of(self._assigned, came, self._shared)

    def _scored(self, came: Came, begun: Begun) -> Came:
        """Let nbgrader score what ran; with why it did not, where it did not."""
        halves, book, runs = self._assigned.halves, self._assigned.book, came.runs
        if came.lost and not runs:
            halves.give_up(begun.student)
            return came
        for ran in runs.values():
            _lay(begun, ran)
        played = {
            name: Played(ran.notebook, {cell.grade_id: cell.score for cell in ran.graded})
            for name, ran in runs.items()
            if not ran.lost
        }
        try:
            halves.finish(begun, played, book)
        except NotGraded as error:
            return came if came.lost else replace(came, lost=str(error), ended=error.notebook)
        return came


def mark(course: Course, assignment: str, student: str) -> Path:
    """A file that is there while a submission is being graded: of one that was cut short nothing counts."""
    return marks(course, assignment) / quote(student, safe="")


def marks(course: Course, assignment: str) -> Path:
    """The folder of these files."""
    return course.root / STATE / "begun" / quote(assignment, safe="")


def lost(report: Report) -> bool:
    """Whether nbgrader has nothing of a submission but the hand-in itself."""
    return any(book.refused and not book.missing for book in report.notebooks)


def _came(entry: Entry, begun: Begun | None, result: Any) -> Came:
    """What a worker sent, or what became of its work instead."""
    if isinstance(result, NotGraded):
        return Came(entry, begun, lost=str(result), ended=result.notebook)
    if isinstance(result, BaseException):
        return Came(entry, begun, lost=f"the harness failed ({result}); this costs no point", fault=Fault.HARNESS)
    ended = next((ran for ran in result if ran.lost), None)
    runs = {ran.name: ran for ran in result}
    if ended is None:
        return Came(entry, begun, runs)
    return Came(entry, begun, runs, ended.lost, ended.name, ended.fault or Fault.STUDENT)


def _unrun(name: str, notebook: Any) -> Ran:
    return Ran(name=name, text=msgspec.json.encode(notebook))


def _lay(begun: Begun, ran: Ran) -> None:
    """Put the files that a notebook wrote beside it, as they would lie there if it had run in that place."""
    for name, content in ran.left.items():
        if "/" not in name and (name.endswith(".ipynb") or name == "timestamp.txt"):
            continue  # the notebooks and the time are those that were handed in
        target = begun.folder / name
        try:
            if any((begun.folder / part).is_symlink() for part in (Path(name), *Path(name).parents)):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.write_bytes(content)
        except OSError:
            continue  # a file where a folder is, a path that is too long here: it stays in the kernel that made it
