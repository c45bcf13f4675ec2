"""The pages of a report, and what persons gave shown on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from referee.batch import store
from referee.course import POLICY, Course
from referee.feedback import html
from referee.feedback.interface import Disclosure, Policy
from referee.report import GradedCell, NotebookReport, Report
from referee.workflow.handing_back import stamp


def with_manual_scores(report: Report, given: Mapping[tuple[str, str, str], tuple[float, str]]) -> Report:
    """The report as its readers should see it: what a person gave stands in place of what waited for one."""

    def cell(notebook: NotebookReport, graded: GradedCell) -> GradedCell:
        key = (report.student, notebook.notebook, graded.grade_id)
        if key not in given:
            return graded
        score, comment = given[key]
        words = f"graded by a person: {comment}" if comment else "graded by a person"
        return msgspec.structs.replace(graded, earned=score, score=score, words=words)

    notebooks = (
        msgspec.structs.replace(book, graded=tuple(cell(book, graded) for graded in book.graded))
        for book in report.notebooks
    )
    return msgspec.structs.replace(report, notebooks=tuple(notebooks))


def disclosure(course: Course) -> Policy:
    """The course's disclosure levels, for its pages."""
    levels = course.policy.disclosure
    return Policy(public=Disclosure(levels.public), hidden=Disclosure(levels.hidden))


def write_pages(course: Course, report: Report) -> list[Path]:
    """Write a page for each notebook of a report."""
    pages = []
    for notebook in report.notebooks:
        path = page_path(course, report, notebook)
        text = html.page(report, notebook, disclosure(course))
        with store.no_room(course.root):
            store.replace(path, text.encode("utf-8", "replace"), durable=False)
        pages.append(path)
    stamp(course, report.assignment, report.student)
    return pages


def refresh_pages(course: Course, report: Report) -> None:
    """Write the pages of a report that stands, where they are not those of this report, policy and person."""
    made_from = [store.report_path(course, report.assignment, report.student), course.root / POLICY]
    newest = max(path.stat().st_mtime_ns for path in made_from if path.exists())
    pages = [page_path(course, report, notebook) for notebook in report.notebooks]
    waits = any(notebook.needs_person for notebook in report.notebooks)  # somebody may have taken a score back
    if waits or any(not page.exists() or page.stat().st_mtime_ns < newest for page in pages):
        write_pages(course, report)
    else:
        stamp(course, report.assignment, report.student)  # the same notebook may have been handed in once more


def page_path(course: Course, report: Report, notebook: NotebookReport) -> Path:
    """Where the page of a notebook lies: where nbgrader expects feedback."""
    return course.root / "feedback" / report.student / report.assignment / f"{notebook.notebook}.html"
