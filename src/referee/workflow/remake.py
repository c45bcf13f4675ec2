"""The students' pages made again from the reports: as they are due now, or elsewhere as others would see them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from referee.batch import store
from referee.course import Course
from referee.disclosure import Moment
from referee.errors import UsageError
from referee.feedback.interface import EVERYTHING, Policy
from referee.lock import locked
from referee.report import Record, Report
from referee.workflow.out import require_folder
from referee.workflow.pages import disclosure, moment_of, never_met, page_path, page_text, write_pages
from referee.workflow.persons import given_by_persons, with_manual_scores
from referee.workflow.ready import Progress


class PageWishes(Record, frozen=True):
    """Which pages are wanted: for these students (all by default), as somebody sees them at a moment (now by default).

    out : a folder for them, needed wherever they are not what students may see now.   database : the gradebook.
    """

    students: tuple[str, ...] = ()
    reader: Literal["student", "instructor"] = "student"
    moment: Moment | None = None
    out: Path | None = None
    database: str | None = None


def graded_reports(
    course: Course,
    assignment: str,
    students: Sequence[str] = (),
    database: str | None = None,
    say: Progress = lambda _words: None,
) -> list[Report]:
    """The reports on an assignment without their recordings, with what persons gave. Unreadable ones are told to `say`.

    Raises
    ------
    UsageError : no such assignment or student, or nobody was graded.
    """
    course.exercises(assignment)
    folder = store.report_path(course, assignment, "x").parent
    there = {path.stem: path for path in sorted(folder.glob("*.json"))}
    unknown = sorted(set(students) - set(there))
    if unknown or not there:
        found = f"none of {', '.join(unknown)}" if unknown else "none"
        raise UsageError(f"reports in {folder}", found, f"run `referee grade {assignment}` first")
    chosen = {name: path for name, path in there.items() if not students or name in students}
    given = given_by_persons(course, assignment, database)
    reports = []
    for name, path in chosen.items():
        report = store.read_report(path, name)
        if report is None:
            say(f"left out: the report of {name} cannot be read; `referee grade {assignment}` makes it again")
        else:
            reports.append(with_manual_scores(report.without_answers(), given))
    return reports


def make_pages(course: Course, assignment: str, wishes: PageWishes, say: Progress) -> list[Path]:
    """Make the pages of an assignment from its reports, without grading anything; where each of them lies.

    Raises
    ------
    UsageError : as `graded_reports`; or pages that students may not see now were to go where students get theirs.
    """
    usual = wishes.reader == "student" and wishes.moment in (None, moment_of(course, assignment))
    if wishes.out is None and not usual:
        wanted = "a folder of their own (--out) for pages that students may not see now"
        raise UsageError(wanted, "none", "feedback/ is what students get: add --out FOLDER")
    reports = graded_reports(course, assignment, wishes.students, wishes.database, say)
    for name in never_met(course, reports):
        say(f"look again: [disclosure.check] names {name}, but no check of these reports has that name")
    if wishes.out is None:
        with locked(course, f"referee pages {assignment}"):
            store.sweep(course, assignment)
            return [path for report in reports for path in write_pages(course, report)]
    require_folder(wishes.out)
    out = wishes.out.resolve()
    if out.is_relative_to(course.root / "feedback"):
        raise UsageError("a folder outside feedback/, which is what students get", str(out), "name another --out")
    return [path for report in reports for path in _elsewhere(course, report, wishes, out)]


def _elsewhere(course: Course, report: Report, wishes: PageWishes, out: Path) -> list[Path]:
    paths = []
    for notebook in report.notebooks:
        policy, banner = _as_seen(course, report, notebook.notebook, wishes)
        path = out / page_path(course, report, notebook).relative_to(course.root / "feedback")
        text = page_text(course, report, notebook, policy, banner)
        with store.no_room(out):
            store.replace(path, text.encode("utf-8", "replace"), durable=False)
        paths.append(path)
    return paths


def _as_seen(course: Course, report: Report, notebook: str, wishes: PageWishes) -> tuple[Policy, str]:
    """The policy for a reader, and the line that says for whom the page is."""
    if wishes.reader == "instructor":
        return EVERYTHING, "For the instructor: this page shows everything, reference values included."
    moment = wishes.moment or moment_of(course, report.assignment)
    policy = disclosure(course, report.assignment, notebook, moment)
    return policy, f"Preview: what {report.student} sees {moment} the due date."
