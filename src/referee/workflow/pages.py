"""The pages of a report: where they lie, what of it they show now, and when they are made anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from referee import authoring, usage
from referee.batch import store
from referee.course import POLICY, Course, Exercise, grader_stems
from referee.disclosure import Moment
from referee.feedback import html
from referee.feedback.interface import Disclosure, Policy
from referee.feedback.notebook import part
from referee.report import CellUse, NotebookReport, Report
from referee.workflow.handing_back import stamp


def disclosure(course: Course, assignment: str, notebook: str, moment: Moment | None = None) -> Policy:
    """The course's disclosure levels for the page of one notebook, now or at another moment."""
    levels = course.policy.disclosure.at(moment or moment_of(course, assignment))
    single = levels.of_notebook(assignment, grader_stems(notebook))
    return Policy(
        public=Disclosure(levels.public),
        hidden=Disclosure(levels.hidden),
        checks={name: Disclosure(level) for name, level in single.items()},
    )


def moment_of(course: Course, assignment: str) -> Moment:
    """Whether an assignment is due already; one without a due date never is."""
    due = course.policy.due_of(assignment)
    return "after" if due is not None and datetime.now(UTC) >= due else "before"


def never_met(course: Course, reports: Iterable[Report]) -> list[str]:
    """The names in [disclosure.check] that no check of these reports has: a misspelt one hides nothing."""
    assignment, met = "", set[str]()
    for report in reports:
        assignment = report.assignment
        for notebook in report.notebooks:
            for stem in grader_stems(notebook.notebook):
                met |= {f"{assignment}/{stem}/{result.check}" for result in notebook.results}
                met |= {f"{assignment}/{stem}/{result.check}/{result.name}" for result in notebook.results}
    names = (name for name in course.policy.disclosure.names() if name.startswith(f"{assignment}/"))
    return [name for name in names if name.count("/") > 1 and name not in met] if met else []


def write_pages(course: Course, report: Report) -> list[Path]:
    """Write a page for each notebook of a report, as its student may see it now."""
    pages = []
    for notebook in report.notebooks:
        path = page_path(course, report, notebook)
        text = page_text(course, report, notebook, disclosure(course, report.assignment, notebook.notebook))
        with store.no_room(course.root):
            store.replace(path, text.encode("utf-8", "replace"), durable=False)
        pages.append(path)
    stamp(course, report.assignment, report.student)
    return pages


def page_text(course: Course, report: Report, notebook: NotebookReport, policy: Policy, banner: str = "") -> str:
    """The page of one notebook under a policy, with the notebook as it ran, and what the reference used beside it."""
    withheld = () if policy.hidden is Disclosure.ALL else notebook.revealing
    exercise = Exercise(course.root, report.assignment, notebook.notebook)
    path = course.autograded(report.student, report.assignment) / f"{notebook.notebook}.ipynb"
    return html.page(
        report,
        notebook,
        policy,
        ran=None if notebook.refused else part(_executed(path), withheld),
        reference=usage.beside(notebook, _reference(course, exercise)),
        banner=banner,
    )


_references: dict[tuple[Path, authoring.Stamp, authoring.Stamp], dict[str, CellUse]] = {}


def _reference(course: Course, exercise: Exercise) -> dict[str, CellUse]:
    """What the solution's cells used, looked up once: each look reads all files that the record belongs to."""
    key = (exercise.usage_record, authoring.stamp(exercise.usage_record), authoring.stamp(exercise.solution))
    if key not in _references:
        _references[key] = course.cells_of(exercise)
    return _references[key]


def _executed(path: Path) -> object:
    """The notebook as it ran, as JSON; nothing where there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes()) if path.is_file() else None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def refresh_pages(course: Course, report: Report) -> None:
    """Write the pages of a report that stands, where they are not those of this report, policy, person and moment."""
    made_from = [store.report_path(course, report.assignment, report.student), course.root / POLICY]
    newest = max(path.stat().st_mtime for path in made_from if path.exists())
    if (due := course.policy.due_of(report.assignment)) is not None and due <= datetime.now(UTC):
        newest = max(newest, due.timestamp())
    pages = [page_path(course, report, notebook) for notebook in report.notebooks]
    waits = any(notebook.needs_person for notebook in report.notebooks)  # somebody may have taken a score back
    if waits or any(not page.exists() or page.stat().st_mtime < newest for page in pages):
        write_pages(course, report)
    else:
        stamp(course, report.assignment, report.student)  # the same notebook may have been handed in once more


def page_path(course: Course, report: Report, notebook: NotebookReport) -> Path:
    """Where the page of a notebook lies: where nbgrader expects feedback."""
    return course.feedback(report.student, report.assignment) / f"{notebook.notebook}.html"
