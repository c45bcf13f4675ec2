"""What persons gave in the formgrader, and reports with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from referee.course import Course
from referee.report import GradedCell, NotebookReport, Report

#: What a person gave: student, notebook, grade_id -> score and comment.
Given: TypeAlias = Mapping[tuple[str, str, str], tuple[float, str]]


def given_by_persons(course: Course, assignment: str, database: str | None = None) -> Given:
    """What persons gave; nothing where this course has no gradebook yet. Raises `GradebookError` as nbgrader's does."""
    if database is None and course.gradebook is not None and not course.gradebook.is_file():
        return {}
    from referee import gradebook  # noqa: PLC0415 - nbgrader is an extra

    return gradebook.manual_scores(database or course.database, assignment)


def with_manual_scores(report: Report, given: Given) -> Report:
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
