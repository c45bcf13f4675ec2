"""One report looked at again, by current checks: what a worker process does for `referee regrade`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from referee import basis, grading
from referee.batch import store
from referee.replay import never_lower, replay, why_not
from referee.report import Report, to_json
from referee.tasks import Task


@dataclass(frozen=True)
class Looking:
    """What to look at: a report's file, and the tasks of what is handed in.

    keep_best : no cell's points are lowered.   text : whether the new report is wanted whole.
    """

    student: str
    path: Path
    tasks: tuple[Task, ...]
    keep_best: bool
    text: bool


@dataclass(frozen=True)
class Seen:
    """What came of it: the reports before and after, without their recordings.

    alone : why it is left alone.   again : why it has to run again.   text : the new report, where it is another one.
    """

    student: str
    before: Report | None = None
    after: Report | None = None
    alone: str = ""
    again: str = ""
    changed: bool = False
    text: bytes = b""


def look(item: Looking) -> Seen:
    """Grade a report's recordings again. Raises `CourseError`, `GraderError` where the course is wrong."""
    report = store.read_report(item.path, item.student)
    if report is None:
        return Seen(item.student, alone="its report cannot be read")
    before = report.without_answers()
    if why := _another_submission(report, item.tasks):
        return Seen(item.student, before, alone=why)
    after, why = _replayed(report, item.tasks)
    if after is None:
        return Seen(item.student, before, again=why)
    after = merciful(report, after) if item.keep_best else after
    changed = report.without_timings() != after.without_timings()
    text = to_json(after) + b"\n" if changed and item.text else b""
    return Seen(item.student, before, after.without_answers(), changed=changed, text=text)


def merciful(before: Report, after: Report) -> Report:
    """The new report, with the old results that were better."""
    books = {book.notebook: book for book in before.notebooks}
    kept = tuple(never_lower(books[book.notebook], book) for book in after.notebooks)
    return msgspec.structs.replace(after, notebooks=kept)


def _another_submission(report: Report, tasks: Sequence[Task]) -> str:
    """Why a report is not one on what is handed in now; empty where it is."""
    if not tasks[0].submitted.parent.exists():
        return "no longer handed in"
    books = {book.notebook: book for book in report.notebooks}
    if books.keys() != {task.notebook for task in tasks}:
        return "notebooks were added or removed since"
    here = grading.environment()
    expected = {task.notebook: basis.expected(task, here).submission for task in tasks}
    if any(books[name].basis.submission != now for name, now in expected.items()):
        return "handed in anew since"
    if any("policy" in books[task.notebook].basis.changes(task.basis) for task in tasks):
        return "graded with another policy or other data: see course.toml and REFEREE_DATA"
    return ""


def _replayed(report: Report, tasks: Sequence[Task]) -> tuple[Report | None, str]:
    """The report as it would be now, or why its recordings do not say."""
    books = {book.notebook: book for book in report.notebooks}
    fresh = []
    for task in tasks:
        if why := why_not(task, books[task.notebook]):
            return None, why
        again = replay(task, books[task.notebook])
        if again is None:
            return None, "a question that was never asked"
        fresh.append(again)
    return grading.report_of(tasks, report.course, fresh), ""
